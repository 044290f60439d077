import type { Table } from "apache-arrow";

/** A table's names, types and values, as plain data that Jest compares and prints. */
export function plain(table: Table): { name: string; type: string; values: unknown[] }[] {
  return table.schema.fields.map(({ name, type }, index) => ({
    name,
    type: String(type as unknown),
    values: [...((table.getChildAt(index) ?? []) as Iterable<unknown>)],
  }));
}
