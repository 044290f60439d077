import type { Data, DataType } from "apache-arrow";
import { Bool, Float64, TimestampMicrosecond, Utf8, Vector } from "apache-arrow";
import { checkColumn } from "../expected-schema.js";
import type { ExpectedColumn, ExpectedSchema, ExpectedType, Violations } from "../expected-schema.js";
import { shown, shownNames } from "../shown.js";
import type { ColumnBuilder } from "./column-memory.js";
import { ColumnMemory } from "./column-memory.js";
import type { DecimalMark } from "./decimal-comma.js";
import { InferredColumn } from "./inferred-column.js";
import type { NumberBatch } from "./number-batch.js";
import type { Fields } from "./record-scanner.js";
import { nameOfType, requestedColumn } from "./requested-column.js";

/** Requested types and expected values of a file's columns, by name. */
export interface Requests {
  readonly columnTypes: Readonly<Record<string, DataType>>;
  readonly schema: ExpectedSchema;
}

/** How fields are written. */
export interface FieldDialect {
  /** The byte that encloses fields; -1 for none. */
  readonly quote: number;
  /** Default: `.`. */
  readonly decimal?: DecimalMark | undefined;
}

/** Requested type of a column, and rules for its values. */
export interface ColumnRequest {
  readonly name: string;
  /** Default: the type of all its values. */
  readonly type?: DataType | undefined;
  readonly expected?: ExpectedColumn | undefined;
}

/** The Arrow type of each expected type. It never depends on the values. */
const ARROW_TYPES: Readonly<Record<ExpectedType, DataType>> = {
  number: new Float64(),
  integer: new Float64(),
  boolean: new Bool(),
  text: new Utf8(),
  timestamp: new TimestampMicrosecond("UTC"),
};

/** The requests for the columns of a header. A requested column that is missing is a violation. */
export function requestsOf(
  names: readonly string[],
  { columnTypes, schema }: Requests,
  violations: Violations,
): ColumnRequest[] {
  for (const name of new Set([...Object.keys(columnTypes), ...Object.keys(schema)])) {
    if (names.includes(name)) {
      continue;
    }
    violations.addGeneral(`column ${JSON.stringify(name)} is missing, found ${shownNames(names)}`);
  }
  return names.map((name) => {
    const expected = Object.hasOwn(schema, name) ? schema[name] : undefined;
    const requestedType = Object.hasOwn(columnTypes, name) ? columnTypes[name] : undefined;
    return { name, expected, type: requestedType ?? (expected && ARROW_TYPES[expected.type]) };
  });
}

/** The unfinished columns of a file. */
export class Columns {
  readonly #requests: readonly ColumnRequest[];
  readonly #quote: number;
  readonly #decimal: DecimalMark;
  readonly #violations: Violations;
  /** By column: rows whose text is not of the requested type. They are reported, and become null. */
  readonly #misfits: readonly Set<number>[];
  readonly #builders: ColumnBuilder[];
  readonly #memory = new ColumnMemory();
  /** By batch: the number of full temporary buffers after it. */
  readonly #fullAfter: number[] = [];

  /**
   * @param violations - Collects the values that are not as requested.
   */
  constructor(
    requests: readonly ColumnRequest[],
    { quote, decimal = "." }: FieldDialect,
    violations: Violations,
  ) {
    this.#requests = requests;
    this.#quote = quote;
    this.#decimal = decimal;
    this.#violations = violations;
    this.#misfits = requests.map(() => new Set());
    this.#builders = requests.map((request, column) => this.#builderOf(request, column));
  }

  /** Whether a column has a request that its values may violate, so that their lines may be needed. */
  get haveRequests(): boolean {
    return this.#requests.some(({ type, expected }) => type !== undefined || expected !== undefined);
  }

  /** Whether the spelling of all values of the last batch is known. */
  get keepTexts(): boolean {
    return this.#builders.every((builder) => !(builder instanceof InferredColumn) || builder.keepsTexts);
  }

  /** Whether values that were read as something else must become texts. */
  get needTexts(): boolean {
    return this.#builders.some((builder) => builder instanceof InferredColumn && builder.needsTexts);
  }

  /** Whether `finish` checks values. */
  get areChecked(): boolean {
    return this.#requests.some(({ expected }) => expected !== undefined);
  }

  /** By column: where the scanner may put its numbers. */
  get numberBatches(): (NumberBatch | undefined)[] {
    return this.#builders.map((builder) =>
      builder instanceof InferredColumn ? builder.numberBatch : undefined,
    );
  }

  /** Guess the types of columns from the first records, which are not appended. */
  guess(fields: Fields): void {
    this.#builders.forEach((builder, column) => {
      if (builder instanceof InferredColumn) {
        builder.guess(fields, column);
      }
    });
  }

  /**
   * Take a batch of records.
   *
   * @param again - Reads its fields again, without parsing numbers.
   */
  append(fields: Fields, again: () => Fields): void {
    const areAppended = this.#builders.map((builder, column) => builder.append(fields, column, this.#memory));
    const fieldsAgain = areAppended.includes(false) ? again() : fields;
    areAppended.forEach((isAppended, column) => {
      if (!isAppended) {
        this.#builders[column]!.append(fieldsAgain, column, this.#memory);
      }
    });
    this.#fullAfter.push(this.#memory.passing.full.length);
  }

  /**
   * Make the columns, batch by batch.
   *
   * All columns of a batch are made together, so that their temporary memory becomes free together. Memory with many
   * small free parts could not be reused.
   *
   * @param again - Reads the fields of a batch again, without parsing numbers. It is called only if `needTexts`.
   */
  finish(again: (batch: number) => Fields): (readonly Data[])[] {
    const { lasting, passing } = this.#memory;
    for (const batch of this.numberBatches) {
      batch?.release();
    }
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
      if (expected === undefined) {
        return;
      }
      const vector = new Vector(batches.map((batch) => batch[column]!));
      checkColumn(name, column, vector, expected, this.#violations, this.#misfits[column]);
    });
  }

  #builderOf(request: ColumnRequest, column: number): ColumnBuilder {
    const { name, type, expected } = request;
    if (type === undefined) {
      return new InferredColumn(this.#quote, this.#decimal);
    }
    const dialect = { quote: this.#quote, decimal: this.#decimal };
    return requestedColumn(type, dialect, expected?.type === "integer", (row, text) => {
      this.#misfits[column]!.add(row);
      this.#violations.add(row, column, () => `${name} is ${shown(text)}, expected ${expectation(request)}`);
    });
  }
}

function expectation({ type, expected }: ColumnRequest): string {
  if (expected?.type === "integer") {
    return "an integer";
  }
  return (type && nameOfType(type)) ?? "another type";
}
