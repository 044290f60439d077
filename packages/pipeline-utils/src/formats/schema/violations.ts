import { FormatError } from "../../errors.js";

/** A value that is not what was expected: `found`, as it reads in a message, in a column of a row. */
interface Violation {
  readonly row: number;
  readonly column: number;
  readonly message: string;
}

/** As many are told in full; the others are counted. */
const MAX_TOLD = 20;

/** Names the place of a value, as `line 12` or `row 11`. */
export type Locate = (row: number, column: number) => string;

/** All that is wrong with a file's values, gathered so that it is told at once. */
export class Violations {
  /** About the file as a whole: columns that are missing. */
  readonly #general: string[] = [];
  readonly #told: Violation[] = [];
  /** How many are told of each column. */
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
   * Add one that has a place. Columns are checked one after another, and those of the first lines are told: each column
   * therefore keeps its first ones.
   *
   * @param message - Made only if it is kept.
   */
  add(row: number, column: number, message: () => string): void {
    this.#count++;
    const kept = this.#kept.get(column) ?? 0;
    if (kept === MAX_TOLD) return;
    this.#kept.set(column, kept + 1);
    this.#told.push({ row, column, message: message() });
  }

  /** @throws {FormatError} There are violations: one line that tells the first of them with their places. */
  throwIfAny(address: string, locate: Locate): void {
    if (this.#count === 0) return;
    const placed = this.#told
      .sort((a, b) => a.row - b.row || a.column - b.column)
      .slice(0, Math.max(0, MAX_TOLD - this.#general.length))
      .map(({ row, column, message }) => `${locate(row, column)}: ${message}`);
    const told = [...this.#general.slice(0, MAX_TOLD), ...placed];
    const [only] = told;
    if (this.#count === 1)
      throw new FormatError(`${address}${this.#general.length === 1 ? ":" : ""} ${only ?? ""}`);
    const rest = this.#count - told.length;
    throw new FormatError(
      `${address}: ${this.#count} values or columns are not as expected: ${told.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`,
    );
  }
}
