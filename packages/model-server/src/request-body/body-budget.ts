import type { Readable } from "node:stream";
import { HttpError } from "../errors.js";
import { ROW_BODY_LIMIT } from "../limits.js";

/** Called once: with the body, or with the reason why there is none. */
export type Received = (error: Error | null, body?: ReceivedBody) => void;

/**
 * Bounds the bytes of request bodies that the process holds.
 *
 * A body counts from the moment when it outgrows 16 KiB until the work on it begins, so single predictions always succeed. When the
 * budget is spent, the oldest unfinished body is rejected with 503, and not the newest: clients that send and then wait lose their
 * place to those that finish.
 */
export class BodyBudget {
  readonly #limit: number;
  /** Bodies that count and have not arrived yet, from the oldest on. */
  readonly #unfinished = new Set<ArrivingBody>();
  readonly #pages = new Pages();
  #bytes = 0;
  #rejected = 0;

  /** @param limit - In bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The bytes held, those of bodies up to 16 KiB aside. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many bodies were rejected since the start. */
  get rejected(): number {
    return this.#rejected;
  }

  /**
   * Receive a body.
   *
   * @param maxBytes - A larger body is rejected with 413.
   * @param length - The length that the client has stated; NaN if it has not.
   */
  receive(source: Readable, maxBytes: number, length: number, received: Received): void {
    if (length > maxBytes) {
      received(new HttpError(413, "The request's body is too large"));
      return;
    }
    const body = new ArrivingBody(source, received, this.#pages, {
      grown: () => {
        if (body.length > maxBytes) {
          body.fail(new HttpError(413, "The request's body is too large"));
        } else if (body.length > ROW_BODY_LIMIT) {
          this.#count(body);
        }
      },
      ended: () => this.#unfinished.delete(body),
      released: (counted) => {
        this.#bytes -= counted;
        if (this.#bytes === 0) {
          this.#pages.free();
        }
      },
    });
  }

  #count(body: ArrivingBody): void {
    this.#unfinished.add(body);
    this.#bytes += body.length - body.counted;
    body.counted = body.length;
    for (const oldest of this.#unfinished) {
      if (this.#bytes <= this.#limit) {
        return;
      }
      this.#rejected += 1;
      oldest.fail(new HttpError(503, "The service holds too many unfinished requests, try again later"));
    }
  }
}

/** A whole body. Its bytes count in the budget until they are taken or dropped. */
export interface ReceivedBody {
  readonly length: number;
  /** The bytes, which the budget counts no longer. */
  take(): Buffer;
  drop(): void;
}

interface Listeners {
  grown(): void;
  ended(): void;
  released(counted: number): void;
}

/** Bytes of a page, in which further pieces of a body are collected. Each piece alone would take 200 bytes more. */
const PAGE_BYTES = 16_384;

const NOTHING: Buffer = Buffer.alloc(0);

/** Pages that were used and may be used again. Left to the garbage collector, they would add up to twice the budget. */
class Pages {
  readonly #unused: Buffer[] = [];

  take(): Buffer {
    return this.#unused.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES);
  }

  giveBack(pages: readonly Buffer[]): void {
    this.#unused.push(...pages);
  }

  free(): void {
    this.#unused.length = 0;
  }
}

/** Collects the bytes of one body. */
class ArrivingBody implements ReceivedBody {
  length = 0;
  /** The bytes that the budget counts. */
  counted = 0;
  /** The first piece as it came, which most often is the whole body. */
  #first: Buffer = NOTHING;
  /** All that followed; each page is full but for the last. */
  #pages: Buffer[] = [];
  #room = 0;
  readonly #source: Readable;
  readonly #received: Received;
  readonly #allPages: Pages;
  readonly #listeners: Listeners;

  constructor(source: Readable, received: Received, pages: Pages, listeners: Listeners) {
    this.#source = source;
    this.#received = received;
    this.#allPages = pages;
    this.#listeners = listeners;
    source.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError);
  }

  /** Drop the bytes, and all that follow. */
  fail(error: Error): void {
    this.#stop();
    this.drop();
    this.#received(error);
  }

  take(): Buffer {
    const pieces = [this.#first, ...this.#pages];
    const bytes = this.#pages.length > 0 ? Buffer.concat(pieces, this.length) : this.#first;
    this.drop();
    return bytes;
  }

  drop(): void {
    this.#first = NOTHING;
    this.#allPages.giveBack(this.#pages.splice(0));
    this.#listeners.released(this.counted);
    this.counted = 0;
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.length === 0) {
      this.#first = chunk;
    } else {
      this.#append(chunk);
    }
    this.length += chunk.length;
    this.#listeners.grown();
  };

  #append(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#room === 0) {
        this.#pages.push(this.#allPages.take());
        this.#room = PAGE_BYTES;
      }
      const copied = chunk.copy(this.#pages.at(-1) ?? chunk, PAGE_BYTES - this.#room, at);
      this.#room -= copied;
      at += copied;
    }
  }

  readonly #onEnd = (): void => {
    this.#stop();
    this.#received(null, this);
  };

  readonly #onError = (error: Error): void => {
    this.fail(new HttpError(400, error.message));
  };

  #stop(): void {
    this.#source.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onError);
    this.#listeners.ended();
  }
}
