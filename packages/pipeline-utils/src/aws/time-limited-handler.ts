import type { S3Client } from "@aws-sdk/client-s3";

/** What a client sends its requests through, as far as it is used here. */
type RequestHandler = Pick<S3Client["config"]["requestHandler"], "handle" | "destroy">;

/** What of a request decides on its limit. */
interface LimitedRequest {
  readonly method: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

interface LimitedAnswer {
  readonly statusCode: number;
  readonly body: unknown;
}

/** AWS takes some minutes to put 10,000 parts together, and sends spaces meanwhile. */
const COMPLETION_FACTOR = 60;
/** What a request with a body gets in addition: time to send it over a slow network. */
const SLOWEST_BYTES_PER_MILLISECOND = 64;
/** A body above this, once it is sent, has to be stored before it is answered. */
const LARGE_BODY_BYTES = 512 * 1024;

/**
 * Puts a limit to the time that each attempt takes from its beginning to the end of its answer, in addition to that on silence: a
 * server that sends a byte now and then is never silent, and would hold its caller for ever.
 *
 * Of a download the limit is on the time to its headers; its body may take as long as bytes come.
 */
export class TimeLimitedHandler implements RequestHandler {
  readonly #handler: RequestHandler;
  readonly #patientHandler: RequestHandler;
  readonly #milliseconds: number;

  /**
   * @param patientHandler - For requests that a server at work may leave unanswered for longer: those with large bodies, and those that
   *   complete an upload.
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
    // The SDK's limit ends where the headers are there.
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

/** Only a good answer to GetObject has an object for its body. */
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
      // By this name the SDK knows what is worth a retry.
      error.name = "TimeoutError";
      body.destroy(error);
    },
    Math.max(1, milliseconds),
  );
  body.once("close", () => {
    clearTimeout(timer);
  });
}
