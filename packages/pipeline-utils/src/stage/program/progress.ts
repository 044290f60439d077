import type { Logger } from "../../logging/logger.js";

const LOG_EVERY_MS = 5_000;
const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 30;

/**
 * Shows how far a piece of work is: a bar on a terminal, a line every five seconds in a log. Work that is done in one step
 * shows nothing.
 */
export class Progress {
  #lastShown = performance.now();
  #isBegun = false;
  #drawn = false;

  /**
   * @param log - Receives the lines where `terminal` is none.
   * @param work - Begins each line: `Searching`.
   * @param unit - The things that are counted: `scores`.
   * @param terminal - Receives the bar. Default: standard error.
   */
  constructor(
    private readonly log: Pick<Logger, "info">,
    private readonly work: string,
    private readonly unit: string,
    private readonly terminal: { readonly isTTY: boolean; write(text: string): unknown } = process.stderr,
  ) {}

  /** @param total - undefined while it is not known. */
  update(done: number, total: number | undefined): void {
    const isLast = done === total;
    const isOneStep = isLast && !this.#isBegun;
    this.#isBegun = true;
    if (isOneStep) {
      return;
    }
    if (!this.terminal.isTTY) {
      if (this.#isDue(LOG_EVERY_MS)) {
        this.log.info(`${this.work}: ${this.#describe(done, total)}`);
      }
    } else if (this.#isDue(DRAW_EVERY_MS) || (isLast && this.#drawn)) {
      this.#draw(total === undefined ? 0 : done / total, this.#describe(done, total), isLast);
    }
  }

  /** End the line of an unfinished bar, so that the next output, such as an error, has a line of its own. */
  end(): void {
    if (this.#drawn) {
      this.terminal.write("\n");
    }
    this.#drawn = false;
  }

  #describe(done: number, total: number | undefined): string {
    return `${done.toLocaleString("en")} of ${total?.toLocaleString("en") ?? "?"} ${this.unit}`;
  }

  #isDue(milliseconds: number): boolean {
    if (performance.now() - this.#lastShown < milliseconds) {
      return false;
    }
    this.#lastShown = performance.now();
    return true;
  }

  #draw(part: number, text: string, isLast: boolean): void {
    const filled = Math.round(BAR_WIDTH * part);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    this.terminal.write(`\r${this.work} ${bar} ${text}${isLast ? "\n" : ""}`);
    this.#drawn = !isLast;
  }
}
