import { type DataType, type Data, Vector } from "apache-arrow";
import { checkColumn } from "../schema/check-column.js";
import { type ExpectedColumn } from "../schema/expected-schema.js";
import { shown } from "../schema/shown.js";
import { type Violations } from "../schema/violations.js";
import { type ColumnBuilder } from "./column-builder.js";
import { nameOfType } from "./convert/name-of-type.js";
import { requestedColumn } from "./convert/requested-column.js";
import { type Fields } from "./fields.js";
import { InferredColumn } from "./inferred-column.js";
import { type NumberBatch } from "./number-batch.js";
import { TextColumn } from "./text-column.js";

/** What is asked of a column: a type to read it as, and what its values must be. */
export interface ColumnRequest {
  readonly name: string;
  /** Default: the type of all its values. */
  readonly type?: DataType | undefined;
  readonly expected?: ExpectedColumn | undefined;
}

/** The columns of a file in the making. */
export class Columns {
  readonly #requests: readonly ColumnRequest[];
  readonly #quote: number;
  readonly #violations: Violations;
  /** By column: the rows whose text is no value of the type asked for. They are reported, and null. */
  readonly #misfits: readonly Set<number>[];
  readonly #builders: ColumnBuilder[];
  #batches = 0;

  /**
   * @param quote - The dialect's quote, a byte; -1 for none.
   * @param violations - Told what is not as requested.
   */
  constructor(requests: readonly ColumnRequest[], quote: number, violations: Violations) {
    this.#requests = requests;
    this.#quote = quote;
    this.#violations = violations;
    this.#misfits = requests.map(() => new Set());
    this.#builders = requests.map((request, column) => this.#builderOf(request, column));
  }

  /** Whether there are values that `finish` checks. */
  get areChecked(): boolean {
    return this.#requests.some(({ expected }) => expected !== undefined);
  }

  /** By column: where its numbers may be read while records are scanned. */
  get numberBatches(): (NumberBatch | undefined)[] {
    return this.#builders.map((builder) =>
      builder instanceof InferredColumn ? builder.numberBatch : undefined,
    );
  }

  /** Guess the types of columns from the first records, which are not appended. */
  guess(fields: Fields): void {
    this.#builders.forEach((builder, column) => {
      if (builder instanceof InferredColumn) builder.guess(fields, column);
    });
  }

  append(fields: Fields): void {
    this.#batches++;
    for (let column = 0; column < this.#builders.length; column++)
      this.#builders[column]!.append(fields, column);
  }

  /**
   * Make text of the columns that turned out to be text after values of another type had been read.
   *
   * @param batches - All fields again, from the first.
   */
  readAgain(batches: () => Iterable<Fields>): void {
    const late = this.#builders.flatMap((builder, column) =>
      builder instanceof InferredColumn && builder.needsText ? [column] : [],
    );
    if (late.length === 0) return;
    for (const column of late) this.#builders[column] = new TextColumn(this.#quote);
    for (const fields of batches()) for (const column of late) this.#builders[column]!.append(fields, column);
  }

  /**
   * The columns, batch by batch.
   *
   * All columns of a batch are made at once, and so what they are made of is let go of together: memory of which every
   * twentieth part is free is of no use.
   */
  finish(): (readonly Data[])[] {
    const batches = Array.from({ length: this.#batches }, () =>
      this.#builders.map((builder) => builder.takeBatch()),
    );
    this.#requests.forEach(({ name, expected }, column) => {
      if (expected === undefined) return;
      const vector = new Vector(batches.map((batch) => batch[column]!));
      checkColumn(name, column, vector, expected, this.#violations, this.#misfits[column]);
    });
    return batches;
  }

  #builderOf(request: ColumnRequest, column: number): ColumnBuilder {
    const { name, type, expected } = request;
    if (type === undefined) return new InferredColumn(this.#quote);
    return requestedColumn(type, this.#quote, expected?.type === "integer", (row, text) => {
      this.#misfits[column]!.add(row);
      this.#violations.add(row, column, () => `${name} is ${shown(text)}, expected ${expectation(request)}`);
    });
  }
}

function expectation({ type, expected }: ColumnRequest): string {
  if (expected?.type === "integer") return "an integer";
  return (type && nameOfType(type)) ?? "another type";
}
