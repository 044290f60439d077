import { type DataType, type Data, Vector } from "apache-arrow";
import { checkColumn } from "../schema/check-column.js";
import { type ExpectedColumn } from "../schema/expected-schema.js";
import { shown } from "../schema/shown.js";
import { type Violations } from "../schema/violations.js";
import { type ColumnBuilder } from "./column-builder.js";
import { ColumnMemory } from "./column-memory.js";
import { nameOfType } from "./convert/name-of-type.js";
import { requestedColumn } from "./convert/requested-column.js";
import { type Fields } from "./fields.js";
import { InferredColumn } from "./inferred-column.js";
import { type NumberBatch } from "./number-batch.js";

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
  readonly #memory = new ColumnMemory();
  /** By batch: how many buffers of passing arrays were full after it. */
  readonly #fullAfter: number[] = [];

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

  /** Whether there is a column whose values may be no values of its type, and so told of by their rows. */
  get areRequested(): boolean {
    return this.#requests.some(({ type, expected }) => type !== undefined || expected !== undefined);
  }

  /** Whether it is known how all values of the last batch were written. */
  get keepTexts(): boolean {
    return this.#builders.every((builder) => !(builder instanceof InferredColumn) || builder.keepsTexts);
  }

  /** Whether values that were read as something else are to become texts. */
  get needTexts(): boolean {
    return this.#builders.some((builder) => builder instanceof InferredColumn && builder.needsTexts);
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

  /**
   * Take a batch of records.
   *
   * @param again - Reads its fields again, no numbers parsed in them.
   */
  append(fields: Fields, again: () => Fields): void {
    const areTaken = this.#builders.map((builder, column) => builder.append(fields, column, this.#memory));
    const fieldsAgain = areTaken.includes(false) ? again() : fields;
    areTaken.forEach((isTaken, column) => {
      if (!isTaken) this.#builders[column]!.append(fieldsAgain, column, this.#memory);
    });
    this.#fullAfter.push(this.#memory.passing.full.length);
  }

  /**
   * The columns, batch by batch.
   *
   * All columns of a batch are made at once, and so what they are made of is let go of together: memory of which every
   * twentieth part is free is of no use.
   *
   * @param again - Reads the fields of a batch again, no numbers parsed in them; is asked only where `needTexts`.
   */
  finish(again: (batch: number) => Fields): (readonly Data[])[] {
    const { lasting, passing } = this.#memory;
    for (const batch of this.numberBatches) batch?.release();
    let spent = 0;
    const batches = this.#fullAfter.map((full, batch) => {
      let fields: Fields | undefined;
      const fieldsAgain = () => (fields ??= again(batch));
      const data = this.#builders.map((builder, column) =>
        builder.takeBatch(this.#memory, column, fieldsAgain),
      );
      lasting.give(passing.full.slice(spent, full));
      spent = full;
      return data;
    });
    this.#check(batches);
    return batches;
  }

  #check(batches: readonly (readonly Data[])[]): void {
    this.#requests.forEach(({ name, expected }, column) => {
      if (expected === undefined) return;
      const vector = new Vector(batches.map((batch) => batch[column]!));
      checkColumn(name, column, vector, expected, this.#violations, this.#misfits[column]);
    });
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
