import type { S3Client } from "@aws-sdk/client-s3";

/** The part of the SDK's request handler that is used here. */
type RequestHandler = Pick<S3Client["config"]["requestHandler"], "handle" | "destroy">;

/** The fields of a request that determine its time limit. */
interface LimitedRequest {
  readonly method: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

interface LimitedAnswer {
  readonly statusCode: number;
  readonly body: unknown;
}

/** Factor on the time limit of a completion: AWS takes minutes to assemble 10,000 parts, and sends spaces meanwhile. */
const COMPLETION_FACTOR = 60;
/** Slowest supported upload speed. A request gets additional time to send its body at this speed. */
const SLOWEST_BYTES_PER_MILLISECOND = 64;
/** Bodies above this size take the server longer to store before it answers. */
const LARGE_BODY_BYTES = 512 * 1024;

/**
 * Limits the total time of each attempt, from its start to the end of its answer.
 *
 * A limit on silence alone is not enough: a server that sends a byte now and then would hold its caller forever. For a
 * download, only the time to its headers is limited. Its body may take as long as bytes arrive.
 */
export class TimeLimitedHandler implements RequestHandler {
  readonly #handler: RequestHandler;
  readonly #patientHandler: RequestHandler;
  readonly #milliseconds: number;

  /**
   * @param patientHandler - For requests that a working server may leave unanswered for longer: large bodies and
   *   completions of an upload.
   * @param milliseconds - Base time limit of an attempt.
   */
  constructor(handler: RequestHandler, patientHandler: RequestHandler, milliseconds: number) {
    this.#handler = handler;
    this.#patientHandler = patientHandler;
    this.#milliseconds = milliseconds;
  }

  async handle(
    request: LimitedRequest,
    options: { readonly requestTimeout?: number } = {},
  ): Promise<{ response: LimitedAnswer }> {
    const limit = Math.min(this.#limitOf(request), options.requestTimeout ?? Infinity);
    const deadline = performance.now() + limit;
    // The SDK's own limit ends once the headers have arrived.
    const handler = needsPatience(request) ? this.#patientHandler : this.#handler;
    const answer: { response: LimitedAnswer } = await handler.handle(request, {
      ...options,
      requestTimeout: limit,
    });
    const { body, statusCode } = answer.response;
    if (!isDownload(request, statusCode) && isStream(body)) {
      limitBody(body, deadline - performance.now(), limit);
    }
    return answer;
  }

  destroy(): void {
    this.#handler.destroy?.();
    this.#patientHandler.destroy?.();
  }

  #limitOf(request: LimitedRequest): number {
    if (isCompletion(request)) {
      return this.#milliseconds * COMPLETION_FACTOR;
    }
    return this.#milliseconds + Math.floor(bytesOf(request) / SLOWEST_BYTES_PER_MILLISECOND);
  }
}

function needsPatience(request: LimitedRequest): boolean {
  return isCompletion(request) || bytesOf(request) > LARGE_BODY_BYTES;
}

function isCompletion({ method, query }: LimitedRequest): boolean {
  return method === "POST" && query.uploadId !== undefined;
}

function bytesOf({ headers }: LimitedRequest): number {
  return Number(headers["content-length"] ?? 0);
}

/** Only a successful answer to GetObject has an object as its body. */
function isDownload({ query }: LimitedRequest, statusCode: number): boolean {
  return query["x-id"] === "GetObject" && statusCode < 300;
}

interface AnswerStream {
  destroy(error: Error): unknown;
  once(event: "close", listener: () => void): unknown;
}

function isStream(body: unknown): body is AnswerStream {
  return typeof body === "object" && body !== null && "destroy" in body && "once" in body;
}

function limitBody(body: AnswerStream, milliseconds: number, limit: number): void {
  const timer = setTimeout(
    () => {
      const error = new Error(`the answer was not complete after ${limit} ms`);
      // The SDK recognises a retryable error by this name.
      error.name = "TimeoutError";
      body.destroy(error);
    },
    Math.max(1, milliseconds),
  );
  body.once("close", () => {
    clearTimeout(timer);
  });
}
