import type { SearchProgress as Progress } from "@ml-pipelines/decision-tree";
import type { Logger } from "@ml-pipelines/pipeline-utils";

const LOG_EVERY_MS = 5_000;
const BAR_WIDTH = 30;

/** Shows how far a search is: a bar on a terminal, a line every five seconds in a log. */
export class SearchProgress {
  private lastLogged = performance.now();

  constructor(
    private readonly log: Logger,
    private readonly terminal = process.stderr,
  ) {}

  readonly update = ({ completed, total }: Progress): void => {
    if (this.terminal.isTTY) this.draw(completed, total);
    else if (performance.now() - this.lastLogged >= LOG_EVERY_MS) {
      this.lastLogged = performance.now();
      this.log.info(`Searching: ${completed} of ${total} scores`);
    }
  };

  private draw(completed: number, total: number): void {
    const filled = Math.round((BAR_WIDTH * completed) / total);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    this.terminal.write(`\rSearching ${bar} ${completed}/${total} scores${completed === total ? "\n" : ""}`);
  }
}
