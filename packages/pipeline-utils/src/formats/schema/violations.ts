import { FormatError } from "../../errors.js";

/** A value that violates the schema. */
interface Violation {
  readonly row: number;
  readonly column: number;
  readonly message: string;
}

/** The message of the error has this many violations, and a count of the others. */
const MAX_REPORTED_VIOLATIONS = 20;

/** Names the place of a value, such as `line 12` or `row 11`. */
export type Locate = (row: number, column: number) => string;

/** Collects all violations of a file, so that one error reports them together. */
export class Violations {
  /** Violations of the whole file, such as missing columns. */
  readonly #general: string[] = [];
  readonly #placed: Violation[] = [];
  /** Count of the kept violations of each column. */
  readonly #kept = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  addGeneral(message: string): void {
    this.#general.push(message);
    this.#count++;
  }

  /**
   * Add a violation that has a place.
   *
   * Columns are checked one after another, but the report has the violations of the first rows. Each column therefore
   * keeps its first ones.
   *
   * @param message - Called only if the violation is kept.
   */
  add(row: number, column: number, message: () => string): void {
    this.#count++;
    const kept = this.#kept.get(column) ?? 0;
    if (kept === MAX_REPORTED_VIOLATIONS) {
      return;
    }
    this.#kept.set(column, kept + 1);
    this.#placed.push({ row, column, message: message() });
  }

  /** @throws {FormatError} There are violations. Its message is one line with the first of them and their places. */
  throwIfAny(address: string, locate: Locate): void {
    if (this.#count === 0) {
      return;
    }
    const placed = this.#placed
      .sort((a, b) => a.row - b.row || a.column - b.column)
      .slice(0, Math.max(0, MAX_REPORTED_VIOLATIONS - this.#general.length))
      .map(({ row, column, message }) => `${locate(row, column)}: ${message}`);
    const reported = [...this.#general.slice(0, MAX_REPORTED_VIOLATIONS), ...placed];
    if (this.#count === 1) {
      throw new FormatError(`${address}${this.#general.length === 1 ? ":" : ""} ${reported[0] ?? ""}`);
    }
    const rest = this.#count - reported.length;
    throw new FormatError(
      `${address}: ${this.#count} values or columns are not as expected: ${reported.join("; ")}` +
        (rest > 0 ? `; and ${rest} more` : ""),
    );
  }
}
