import type { S3ClientConfig } from "@aws-sdk/client-s3";

import { describeS3Fault } from "./s3-error.js";

/** The SDK's interface for retry decisions. The SDK does not export its own name for it. */
export type RetryStrategy = Extract<
  NonNullable<S3ClientConfig["retryStrategy"]>,
  { acquireInitialRetryToken: unknown; refreshRetryTokenForRetry: unknown }
>;
type RetryToken = Awaited<ReturnType<RetryStrategy["acquireInitialRetryToken"]>>;
type RetryErrorInfo = Parameters<RetryStrategy["refreshRetryTokenForRetry"]>[1];

/** One wait before a request is retried. */
export interface RetryEvent {
  /** Number of the failed attempt, from 1. */
  readonly attempt: number;
  readonly waitMilliseconds: number;
  readonly error: Error;
  /** Summary of the fields above in one line. */
  readonly message: string;
}

/**
 * Latest start of an attempt after the first one. A request that is never answered then ends within about 10 s. The
 * budget exceeds one idle timeout (4 s) by enough that a busy machine, which notices the silence late, still retries.
 */
const BUDGET_MILLISECONDS = 6_000;
const FIRST_WAIT_MILLISECONDS = { TRANSIENT: 100, THROTTLING: 500 };

class BoundedToken implements RetryToken {
  constructor(
    readonly startedAt: number,
    readonly retries: number,
    readonly wait: number,
  ) {}

  getRetryCount(): number {
    return this.retries;
  }

  getRetryDelay(): number {
    return this.wait;
  }
}

/**
 * The SDK's standard retries, with a time limit and a report of each wait.
 *
 * The standard retries wait exponentially longer, with jitter. They make `AWS_MAX_ATTEMPTS` or 3 attempts, and only
 * after errors that the SDK considers transient.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export class BoundedRetryStrategy implements RetryStrategy {
  readonly #maxAttempts: () => Promise<number>;
  readonly #onRetry: (event: RetryEvent) => void;
  readonly #budget: number;

  constructor(
    maxAttempts: () => Promise<number>,
    onRetry: (event: RetryEvent) => void,
    budget = BUDGET_MILLISECONDS,
  ) {
    this.#maxAttempts = maxAttempts;
    this.#onRetry = onRetry;
    this.#budget = budget;
  }

  async acquireInitialRetryToken(): Promise<RetryToken> {
    return new BoundedToken(performance.now(), 0, 0);
  }

  async refreshRetryTokenForRetry(
    token: RetryToken,
    { error, errorType }: RetryErrorInfo,
  ): Promise<RetryToken> {
    const attempt = token.getRetryCount() + 1;
    if (!(token instanceof BoundedToken)) {
      throw new TypeError("a retry token of another strategy");
    }
    if (errorType !== "TRANSIENT" && errorType !== "THROTTLING") {
      throw new Error("not worth a retry");
    }
    const mostWait = FIRST_WAIT_MILLISECONDS[errorType] * 2 ** (attempt - 1);
    const wait = Math.round(mostWait * (0.5 + Math.random() / 2));
    const elapsed = performance.now() - token.startedAt;
    if (attempt >= (await this.#maxAttempts()) || elapsed + wait > this.#budget) {
      throw new Error("no retry left");
    }
    const reason = error ?? new Error("unknown fault");
    const message = `S3 attempt ${attempt} failed, next in ${wait} ms: ${describeS3Fault(reason)}`;
    this.#onRetry({ attempt, waitMilliseconds: wait, error: reason, message });
    return new BoundedToken(token.startedAt, attempt, wait);
  }

  recordSuccess(): void {
    // The strategy keeps no counts across requests.
  }
}
