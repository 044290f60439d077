import { type Data, Float64, makeData } from "apache-arrow";
import { BooleanColumn } from "./boolean-column.js";
import { type ColumnBuilder, type LateBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { type NumberBatch } from "./number-batch.js";
import { NumberColumn } from "./number-column.js";
import { NOT_A_BOOLEAN, parseBoolean } from "./parse-boolean.js";
import { NOT_A_NUMBER, parseNumber } from "./parse-number.js";
import { taken } from "./taken.js";
import { TextColumn } from "./text-column.js";
import { allNull } from "./validity.js";

/**
 * A column whose type is that of all its values: numbers, truth values, or text.
 *
 * The first value says what to try. Where a later batch holds a value of another type, the texts of the values before
 * are gone: the column is then left alone, and `needsText` asks for it to be read again.
 */
export class InferredColumn implements ColumnBuilder {
  readonly #quote: number;
  /** Rows of the batches before the first value. */
  readonly #nulls: number[] = [];
  #builder: LateBuilder | undefined;
  #outgrown = false;
  /** The values of all batches of a column without one, which else were eight bytes for each comma. */
  #zeros = new Float64Array(0);

  /** @param quote - The dialect's quote, a byte; -1 for none. */
  constructor(quote: number) {
    this.#quote = quote;
  }

  get needsText(): boolean {
    return this.#outgrown || (this.#builder instanceof NumberColumn && this.#builder.isInexact);
  }

  /** Where the column's numbers may be read while records are scanned, once it is known to be of numbers. */
  get numberBatch(): NumberBatch | undefined {
    return this.#builder instanceof NumberColumn ? this.#builder.batch : undefined;
  }

  /** Choose what to try by the values of some records, which are not appended. */
  guess(fields: Fields, column: number): void {
    const tried = this.#firstGuess(fields, column);
    if (tried === undefined) return;
    const fits = tried instanceof TextColumn || tried.append(fields, column);
    const builder = (fits ? this.#firstGuess(fields, column) : undefined) ?? new TextColumn(this.#quote);
    for (const rows of this.#nulls) builder.appendNulls(rows);
    this.#builder = builder;
  }

  append(fields: Fields, column: number): boolean {
    if (this.#outgrown) return false;
    if (this.#builder === undefined) this.guess(fields, column);
    if (this.#builder === undefined) {
      this.#nulls.push(fields.records);
      return true;
    }
    this.#outgrown = !this.#builder.append(fields, column);
    if (this.#outgrown) this.#builder = undefined;
    return !this.#outgrown;
  }

  /** A batch; of a column without a value it is Float64, as pandas has it. */
  takeBatch(): Data {
    if (this.#builder !== undefined) return this.#builder.takeBatch();
    const rows = taken(this.#nulls);
    if (this.#zeros.length < rows) this.#zeros = new Float64Array(rows);
    const data = this.#zeros.subarray(0, rows);
    return makeData({ type: new Float64(), length: rows, data, ...allNull(rows) });
  }

  /** The builder that the first value of the fields asks for, if there is a value. */
  #firstGuess({ bytes, starts, ends, columns, records }: Fields, column: number): LateBuilder | undefined {
    for (let field = column; field < records * columns; field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) continue;
      if (end < 0) return new TextColumn(this.#quote);
      if (parseBoolean(bytes, start, end) !== NOT_A_BOOLEAN) return new BooleanColumn();
      const isNumber = parseNumber(bytes, start, end, new Float64Array(1), 0) !== NOT_A_NUMBER;
      return isNumber ? new NumberColumn() : new TextColumn(this.#quote);
    }
    return undefined;
  }
}
