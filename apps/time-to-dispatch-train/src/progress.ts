import type { Logger } from "@ml-pipelines/pipeline-utils";

const LOG_EVERY_MS = 5_000;
const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 30;

/** Shows how far a piece of work is: a bar on a terminal, a line every five seconds in a log. Of what is done in one step, nothing. */
export class Progress {
  #lastShown = performance.now();
  #isBegun = false;
  #drawn = false;

  /**
   * @param work - What is done, as "Searching".
   * @param unit - What is counted, as "scores".
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
    if (isOneStep) return;
    if (
      this.terminal.isTTY ? this.#isDue(DRAW_EVERY_MS) || (isLast && this.#drawn) : this.#isDue(LOG_EVERY_MS)
    ) {
      const text = `${done.toLocaleString("en")} of ${total?.toLocaleString("en") ?? "?"} ${this.unit}`;
      if (this.terminal.isTTY) this.#draw(total === undefined ? 0 : done / total, text, isLast);
      else this.log.info(`${this.work}: ${text}`);
    }
  }

  /** End the line of an unfinished bar, so that what follows, as an error, has a line of its own. */
  end(): void {
    if (this.#drawn) this.terminal.write("\n");
    this.#drawn = false;
  }

  #isDue(milliseconds: number): boolean {
    if (performance.now() - this.#lastShown < milliseconds) return false;
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
