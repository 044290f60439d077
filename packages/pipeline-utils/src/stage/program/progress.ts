import type { Logger } from "../../logging/logger.js";

const LOG_EVERY_MS = 5_000;
const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 30;

/**
 * Shows the progress of a task: a bar on a terminal, or a line every five seconds in a log. A task of one step shows
 * nothing.
 */
export class Progress {
  #lastShown = performance.now();
  #isBegun = false;
  #drawn = false;

  /**
   * @param log - Receives the lines if `terminal` is not a terminal.
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

  /** @param total - undefined while the total is unknown. */
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

  /** End the line of an unfinished bar, so that later output, such as an error, starts on its own line. */
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
