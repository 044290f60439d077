import { Bool, Float64, TimestampMillisecond, Utf8, vectorFromArray } from "apache-arrow";
import type { Data, DataType, Table } from "apache-arrow";

import { emptyData, tableOfBatches } from "../../formats/arrow-data.js";
import type { InputValue, PredictionRow } from "./log-line.js";

/** Rows of one batch of a table. */
export const BATCH_ROWS = 16_384;

/** The columns before the inputs, and the one after them. */
const FIRST_NAMES = ["time", "id", "model_key", "model_hash"];
const LAST_NAME = "prediction";

/** Rows of a prediction log, by column. */
export class PredictionColumns {
  readonly #times: number[] = [];
  readonly #ids: string[] = [];
  readonly #modelKeys: string[] = [];
  readonly #modelHashes: string[] = [];
  /** By name. Rows without the input are holes. */
  readonly #inputs = new Map<string, InputValue[]>();
  readonly #predictions: InputValue[] = [];

  get rows(): number {
    return this.#times.length;
  }

  add({ time, id, modelKey, modelHash, inputs, prediction }: PredictionRow): void {
    for (const [name, value] of inputs) {
      const column = this.#inputs.get(name) ?? [];
      column[this.rows] = value;
      this.#inputs.set(name, column);
    }
    this.#times.push(time);
    this.#ids.push(id);
    this.#modelKeys.push(modelKey);
    this.#modelHashes.push(modelHash);
    this.#predictions.push(prediction);
  }

  toTable(): Table {
    const taken = [...FIRST_NAMES, LAST_NAME];
    const names = [...this.#inputs.keys()].map((name) => (taken.includes(name) ? `inputs.${name}` : name));
    const columns: (readonly [readonly unknown[], DataType])[] = [
      [this.#times, new TimestampMillisecond("UTC")],
      [this.#ids, new Utf8()],
      [this.#modelKeys, new Utf8()],
      [this.#modelHashes, new Utf8()],
      ...[...this.#inputs.values(), this.#predictions].map((values) => typed(values)),
    ];
    const batches: Data[][] = [];
    for (let start = 0; start === 0 || start < this.rows; start += BATCH_ROWS) {
      const length = Math.min(BATCH_ROWS, this.rows - start);
      batches.push(columns.map(([values, type]) => dataOf(values, type, start, length)));
    }
    return tableOfBatches([...FIRST_NAMES, ...names, LAST_NAME], batches);
  }
}

/** The values of a column and their type: text if there are several. */
function typed(values: readonly InputValue[]): readonly [readonly unknown[], DataType] {
  const types = new Set<string>();
  // A hole is undefined, which forEach passes over.
  values.forEach((value) => {
    if (value !== null) {
      types.add(typeof value);
    }
  });
  const [type = "number", ...others] = types;
  if (others.length > 0) {
    return [values.map((value) => (value === null ? null : String(value))), new Utf8()];
  }
  return [values, type === "number" ? new Float64() : type === "boolean" ? new Bool() : new Utf8()];
}

function dataOf(values: readonly unknown[], type: DataType, start: number, length: number): Data {
  const part = Array.from({ length }, (_, row) => values[start + row] ?? null);
  return vectorFromArray(part, type).data[0] ?? emptyData(type);
}
