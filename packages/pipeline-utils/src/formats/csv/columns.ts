import { type Data, type DataType, Vector } from "apache-arrow";
import { checkColumn } from "../schema/check-column.js";
import { type ExpectedColumn } from "../schema/expected-schema.js";
import { shown } from "../schema/shown.js";
import { type Violations } from "../schema/violations.js";
import { convertColumn, nameOfType } from "./convert/convert-column.js";
import { type Misfit } from "./convert/convert-each.js";
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
  readonly #builders: (InferredColumn | TextColumn)[];

  /** @param quote - The dialect's quote, a byte; -1 for none. */
  constructor(requests: readonly ColumnRequest[], quote: number) {
    this.#requests = requests;
    this.#quote = quote;
    this.#builders = requests.map(({ type }) => (type ? new TextColumn(quote) : new InferredColumn(quote)));
  }

  /** Whether `finish` may report violations. */
  get areChecked(): boolean {
    return this.#requests.some(({ type, expected }) => type !== undefined || expected !== undefined);
  }

  /** By column: where its numbers may be read while records are scanned. */
  get numbers(): (NumberBatch | undefined)[] {
    return this.#builders.map((builder) => (builder instanceof InferredColumn ? builder.numbers : undefined));
  }

  /** Guess the types of columns from the first records, which are not appended. */
  guess(fields: Fields): void {
    this.#builders.forEach((builder, column) => {
      if (builder instanceof InferredColumn) builder.guess(fields, column);
    });
  }

  append(fields: Fields): void {
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

  /** The columns, each in its batches; what is not as requested is reported, and null. */
  finish(violations: Violations): (readonly Data[])[] {
    return this.#requests.map((request, column) => {
      const misfits = new Set<number>();
      const data = this.#finishColumn(request, column, (row, text) => {
        misfits.add(row);
        violations.add(
          row,
          column,
          () => `${request.name} is ${shown(text)}, expected ${expectation(request)}`,
        );
      });
      const { name, expected } = request;
      if (expected !== undefined) checkColumn(name, column, new Vector(data), expected, violations, misfits);
      return data;
    });
  }

  #finishColumn({ type }: ColumnRequest, column: number, misfit: Misfit): readonly Data[] {
    const builder = this.#builders[column]!;
    if (type === undefined || builder instanceof InferredColumn) return builder.finish();
    return convertColumn(builder.finish(), type, misfit);
  }
}

function expectation({ type, expected }: ColumnRequest): string {
  if (expected?.type === "integer") return "an integer";
  return (type && nameOfType(type)) ?? "another type";
}
