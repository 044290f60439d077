import type { Data } from "apache-arrow";
import { Float64, makeData } from "apache-arrow";
import { BooleanColumn, NOT_A_BOOLEAN, parseBoolean } from "./booleans.js";
import type { ColumnBuilder } from "./column-memory.js";
import { ColumnMemory, takeFirst } from "./column-memory.js";
import { swapMarks } from "./decimal-comma.js";
import type { DecimalMark } from "./decimal-comma.js";
import type { NumberBatch } from "./number-batch.js";
import { NumberColumn } from "./number-column.js";
import { NOT_A_NUMBER, parseNumber } from "./number-parser.js";
import type { Fields } from "./record-scanner.js";
import { dataOfTexts, gatherTexts, TextColumn } from "./text-column.js";
import { allNull } from "./validity.js";

/** The builders to choose from. `append` returns whether all fields had the type. If not, it took none. */
type GuessedColumn = NumberColumn | BooleanColumn | TextColumn;

/**
 * A column that gets the type of all its values: numbers, truth values, or text.
 *
 * The first value decides which type to try. If a later batch has a value of another type, that batch and all later
 * ones are read as text. At the end, the earlier batches become text too.
 */
export class InferredColumn implements ColumnBuilder {
  readonly #quote: number;
  readonly #decimal: DecimalMark;
  /** Rows of the batches before the first value. */
  readonly #nulls: number[] = [];
  #builder: GuessedColumn | undefined;
  /** Holds the batches from the first one that the builder rejected. */
  #texts: TextColumn | undefined;
  /** Shared by all batches of a column without a value, which would otherwise take eight bytes for each comma. */
  #zeros = new Float64Array(0);

  /** @param quote - The dialect's quote, a byte; -1 for none. */
  constructor(quote: number, decimal: DecimalMark) {
    this.#quote = quote;
    this.#decimal = decimal;
  }

  /** Whether values that were read as something else must become texts. */
  get needsTexts(): boolean {
    return this.#texts !== undefined || (this.#builder instanceof NumberColumn && this.#builder.isInexact);
  }

  /** Whether the spelling of the values of the last batch is known. */
  get keepsTexts(): boolean {
    const builder = this.#texts ?? this.#builder;
    return builder === undefined || builder instanceof TextColumn || builder.keepsTexts;
  }

  /** If the column is known to hold numbers: where the scanner may put them. */
  get numberBatch(): NumberBatch | undefined {
    const builder = this.#texts ?? this.#builder;
    return builder instanceof NumberColumn ? builder.batch : undefined;
  }

  /** Choose which type to try from the values of some records, which are not appended. */
  guess(fields: Fields, column: number): void {
    const tried = this.#builderForFirstValue(fields, column);
    if (tried === undefined) {
      return;
    }
    const fits = tried instanceof TextColumn || tried.append(fields, column, new ColumnMemory());
    const builder =
      (fits ? this.#builderForFirstValue(fields, column) : undefined) ?? new TextColumn(this.#quote);
    for (const rows of this.#nulls) {
      builder.appendNulls(rows);
    }
    this.#builder = builder;
  }

  append(fields: Fields, column: number, memory: ColumnMemory): boolean {
    if (this.#texts !== undefined) {
      return this.#texts.append(fields, column, memory);
    }
    if (this.#builder === undefined) {
      this.guess(fields, column);
    }
    if (this.#builder === undefined) {
      this.#nulls.push(fields.records);
      return true;
    }
    if (this.#builder.append(fields, column, memory)) {
      return true;
    }
    this.#texts = new TextColumn(this.#quote);
    return false;
  }

  /** The next batch. A column without a value is Float64, as in pandas. */
  takeBatch(memory: ColumnMemory, column: number, again: () => Fields): Data {
    const builder = this.#builder;
    if (builder === undefined) {
      return this.#takeNulls();
    }
    if (builder instanceof TextColumn || !this.needsTexts) {
      return builder.takeBatch(memory);
    }
    if (this.#texts !== undefined && builder.batches === 0) {
      return this.#texts.takeBatch(memory);
    }
    return dataOfTexts(builder.takeTexts() ?? gatherTexts(again(), column, this.#quote), memory);
  }

  #takeNulls(): Data<Float64> {
    const rows = takeFirst(this.#nulls);
    if (this.#zeros.length < rows) {
      this.#zeros = new Float64Array(rows);
    }
    const data = this.#zeros.subarray(0, rows);
    return makeData({ type: new Float64(), length: rows, data, ...allNull(rows) });
  }

  /** A builder for the type of the first value among the fields; undefined if there is no value. */
  #builderForFirstValue(
    { bytes, starts, ends, columns, records }: Fields,
    column: number,
  ): GuessedColumn | undefined {
    for (let field = column; field < records * columns; field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) {
        continue;
      }
      if (end < 0) {
        return new TextColumn(this.#quote);
      }
      if (parseBoolean(bytes, start, end) !== NOT_A_BOOLEAN) {
        return new BooleanColumn();
      }
      return this.#isNumber(bytes, start, end)
        ? new NumberColumn(this.#decimal)
        : new TextColumn(this.#quote);
    }
    return undefined;
  }

  #isNumber(bytes: Uint8Array, start: number, end: number): boolean {
    const out = new Float64Array(1);
    const kind =
      this.#decimal === ","
        ? parseNumber(swapMarks(bytes, start, end), 0, end - start, out, 0)
        : parseNumber(bytes, start, end, out, 0);
    return kind !== NOT_A_NUMBER;
  }
}
