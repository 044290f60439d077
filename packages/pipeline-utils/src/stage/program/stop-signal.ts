import { StoppedError } from "./errors.js";
import type { Deadline } from "./parse-arguments.js";

/** When and how a program is stopped. */
export interface StopSignalOptions {
  readonly deadline: Deadline | undefined;
  /** Called once, at the second SIGTERM or SIGINT, or if a stopped program still runs after `graceSeconds`. */
  readonly onOverdue: (reason: string) => void;
  /** Seconds that a stopped program has to end by itself. */
  readonly graceSeconds: number;
}

/** Stops a program: it aborts a signal for the work, and limits the time of work that ignores the signal. */
export class StopSignal {
  readonly #controller = new AbortController();
  readonly #options: StopSignalOptions;
  #hasCrashed = false;

  constructor(options: StopSignalOptions) {
    this.#options = options;
    let signals = 0;
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.on(name, () => {
        signals += 1;
        if (signals === 1) {
          this.abort(new StoppedError(`stopped by ${name}`, name));
        } else {
          options.onOverdue(`stopped by a second signal, ${name}`);
        }
      });
    }
    const { deadline } = options;
    if (deadline !== undefined) {
      const timeUp = (): void => {
        this.abort(new StoppedError(`the stage took longer than ${deadline.option} ${deadline.seconds}`));
      };
      setTimeout(timeUp, deadline.seconds * 1000).unref();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether an unhandled error stopped the program. */
  get hasCrashed(): boolean {
    return this.#hasCrashed;
  }

  /** Stop after an unhandled error. */
  crash(error: unknown): void {
    this.#hasCrashed = true;
    this.abort(error);
  }

  /** Abort the signal. Later reasons are ignored. */
  private abort(reason: unknown): void {
    if (this.signal.aborted) {
      return;
    }
    this.#controller.abort(reason);
    const { graceSeconds, onOverdue } = this.#options;
    setTimeout(() => {
      onOverdue(`it did not end within ${graceSeconds} s`);
    }, graceSeconds * 1000).unref();
  }
}
