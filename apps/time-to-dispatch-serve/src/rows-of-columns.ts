import { HttpError } from "./http-error.js";

/**
 * Turn columns into rows, one object each.
 *
 * @throws {HttpError} 400, if they are not of the same length.
 */
export function rowsOfColumns(
  columns: readonly (readonly [name: string, values: readonly unknown[]])[],
): Record<string, unknown>[] {
  const [firstName = "", { length } = []] = columns[0] ?? [];
  for (const [name, values] of columns) {
    if (values.length === length) continue;
    const lengths = `${firstName} has ${length} elements, ${name} has ${values.length}`;
    throw new HttpError(400, `inputs are not of one length: ${lengths}`);
  }
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]): [string, unknown] => [name, values[row]])),
  );
}
