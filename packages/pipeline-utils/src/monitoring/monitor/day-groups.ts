import type { Table } from "apache-arrow";

/** The rows of one model on one day. */
export interface DayGroup {
  readonly modelKey: string;
  readonly modelHash: string;
  /** Row numbers in the table. */
  readonly rows: readonly number[];
  /** One per row: 1 / the rows of its id, so that each request counts once. */
  readonly weights: Float64Array;
  readonly requests: number;
}

/** Group the rows of a prediction log by model, sorted by key and hash. */
export function groupByModel(table: Table): DayGroup[] {
  const text = (column: string, row: number): string => String(table.getChild(column)?.get(row));
  const groups = new Map<string, { modelKey: string; modelHash: string; rows: number[] }>();
  for (let row = 0; row < table.numRows; row += 1) {
    const [modelKey, modelHash] = [text("model_key", row), text("model_hash", row)];
    const name = JSON.stringify([modelKey, modelHash]);
    const group = groups.get(name) ?? { modelKey, modelHash, rows: [] };
    group.rows.push(row);
    groups.set(name, group);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const ids = group.rows.map((row) => text("id", row));
      const rowsById = new Map<string, number>();
      for (const id of ids) {
        rowsById.set(id, (rowsById.get(id) ?? 0) + 1);
      }
      const weights = Float64Array.from(ids, (id) => 1 / (rowsById.get(id) ?? 1));
      return { ...group, weights, requests: rowsById.size };
    });
}
