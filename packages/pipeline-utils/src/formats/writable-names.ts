import type { Schema } from "apache-arrow";
import { SerialisationError } from "../errors.js";
import { shown } from "./shown.js";

/** Half of a character beyond U+FFFF. UTF-8 cannot represent it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The names of the columns of a table that is to be written.
 *
 * @param format - Name of the file's format, for messages.
 * @throws {SerialisationError} There are no columns, two have one name, or a name has half of a character, which would
 *   be read as another one.
 */
export function writableNames({ fields }: Schema, format: string): string[] {
  const names = fields.map(({ name }) => name);
  if (names.length === 0) {
    throw new SerialisationError(`a table without columns has no form in ${format}`);
  }
  const duplicate = duplicateName(names);
  if (duplicate !== undefined) {
    throw new SerialisationError(duplicate.message);
  }
  const broken = names.findIndex((name) => LONE_SURROGATE.test(name));
  if (broken >= 0) {
    throw new SerialisationError(
      `column ${broken + 1} is named ${JSON.stringify(names[broken])}, which is no text of whole characters`,
    );
  }
  return names;
}

/**
 * Find two columns of one name.
 *
 * @param wanted - The names to look for. Default: all.
 * @returns The index of the second, and a message with both positions from 1; or undefined if there are none.
 */
export function duplicateName(
  names: readonly string[],
  wanted = names,
): { readonly index: number; readonly message: string } | undefined {
  const wantedNames = new Set(wanted);
  const firsts = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const first = firsts.get(name);
    if (first !== undefined && wantedNames.has(name)) {
      return { index, message: `columns ${first + 1} and ${index + 1} are both named ${shown(name)}` };
    }
    firsts.set(name, index);
  }
  return undefined;
}
