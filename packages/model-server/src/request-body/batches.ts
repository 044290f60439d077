import { isUtf8 } from "node:buffer";
import type { FastifyRequest } from "fastify";
import { HttpError, RequestValidationError } from "../errors.js";
import { MAX_ROWS } from "../limits.js";
import { TimeSlice } from "../time-slice.js";
import { notJson } from "../validation/validation-detail.js";
import type { ReceivedBody } from "./body-budget.js";
import { JsonReader } from "./json-reader.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route takes rows, and leaves it to {@link Batches} to parse large bodies. */
    takesRows?: boolean;
  }
}

/** All names of the protocols that batches come in: MLflow's, SageMaker's and those of the Open Inference Protocol. */
const PROTOCOL_NAMES = [
  ...["dataframe_records", "dataframe_split", "instances", "inputs", "columns", "index", "data"],
  ...["id", "name", "shape", "datatype", "outputs", "parameters", "params", "signature_name"],
  ...["binary_data", "binary_data_size", "binary_data_output"],
];

/** Characters that are parsed between two looks at the clock. */
const STEP_CHARACTERS = 2_048;

/** A body above 16 KiB that is not parsed yet. */
export class LargeBody {
  readonly received: ReceivedBody;

  constructor(received: ReceivedBody) {
    this.received = received;
  }

  /**
   * Parse it, in slices. Properties other than the protocols' and the model's features are left out.
   *
   * @throws {RequestValidationError} It is no JSON.
   */
  async parse(request: FastifyRequest, slice: TimeSlice): Promise<unknown> {
    const wanted = new Set([...PROTOCOL_NAMES, ...(request.servedModel?.rows.names ?? [])]);
    const reader = new JsonReader(textOf(this.received.take(), request), wanted, MAX_ROWS);
    try {
      while (!reader.read(STEP_CHARACTERS)) {
        if (slice.isOver) {
          await slice.pause();
        }
      }
    } catch (error) {
      throw new RequestValidationError([notJson(error)]);
    }
    return reader.value;
  }
}

/** Works on batches so that neither their time nor their memory adds up: on one large body after the other, in slices. */
export class Batches {
  #last: Promise<void> = Promise.resolve();

  /**
   * Answer a request of a route that takes rows.
   *
   * @param work - Gets the parsed body; undefined if the request had none.
   */
  async answer<T>(
    request: FastifyRequest,
    work: (body: unknown, slice: TimeSlice) => Promise<T>,
  ): Promise<T> {
    const { body } = request;
    if (!(body instanceof LargeBody)) {
      return work(body, new TimeSlice());
    }
    return this.#inTurn(async () => {
      const slice = new TimeSlice();
      return work(await body.parse(request, slice), slice);
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const turn = before.then(work);
    this.#last = turn.then(noop, noop);
    return turn;
  }
}

function noop(): void {
  // The next turn begins whether the one before failed or not.
}

/**
 * The text of a body.
 *
 * @throws {HttpError} 400: it is not UTF-8; 415: it is compressed.
 */
export function textOf(bytes: Buffer, { headers }: FastifyRequest): string {
  if (!isUtf8(bytes)) {
    const encoding = headers["content-encoding"];
    // Compressed bytes are no UTF-8.
    throw encoding === undefined
      ? new HttpError(400, "There was an error parsing the body: it is not UTF-8")
      : new HttpError(415, `Content encoding is ${JSON.stringify(encoding)}, expected none`);
  }
  const text = bytes.toString();
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
