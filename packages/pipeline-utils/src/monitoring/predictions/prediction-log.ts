import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";

import type { S3Client } from "@aws-sdk/client-s3";

import { argumentError, checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ArtefactExistsError } from "../../errors.js";
import { checkLogName, hourOf, objectKey } from "./log-key.js";
import { RowBuffer } from "./row-buffer.js";

/** Limit of the plain bytes of an object. */
const OBJECT_BYTES = 5_000_000;
/** Time after its first row at which an object is complete. */
const OBJECT_MILLISECONDS = 60_000;
const DEFAULT_MAX_BYTES = 16_000_000;
/** Room for a few objects, each of several blocks of rows. */
const LEAST_MAX_BYTES = 1_000_000;
/** An object takes at most this part of the memory, so that others fit beside it while it is written. */
const OBJECTS_IN_MEMORY = 4;
const DEFAULT_FLUSH_MILLISECONDS = 5_000;
/** Limit of one attempt, for clients without limits of their own. */
const PUT_MILLISECONDS = 30_000;
const FIRST_WAIT_MILLISECONDS = 1_000;
const MAX_WAIT_MILLISECONDS = 60_000;
/** The wait of a flush, which has little time. */
const FLUSH_WAIT_MILLISECONDS = 200;

/** One prediction, as it was asked and answered. */
export interface LoggedPrediction {
  /** Id of the request. The rows of a batch share it. */
  readonly id: string;
  readonly modelKey: string;
  readonly modelHash: string;
  /** By name, as clients know them: a category by its name. */
  readonly inputs: Readonly<Record<string, string | number | boolean | null | undefined>>;
  /** A number, or a class by its name. */
  readonly prediction: number | string;
}

/** Options of {@link PredictionLog}. */
export interface PredictionLogOptions {
  /** Name, without `s3://`. */
  readonly bucket: string;
  /** Name of the models, which is the folder below `predictions/`. */
  readonly name: string;
  /** The inputs that are logged, by name. Default: all. */
  readonly inputs?: readonly string[] | undefined;
  /** Limit of the bytes in memory; rows beyond it are dropped. At least 1,000,000. Default: 16,000,000. */
  readonly maxBytes?: number | undefined;
  /** Default: one shared client, which `createS3Client()` makes from the environment on first use. */
  readonly client?: S3Client | undefined;
  /** Called after each attempt to write an object that failed. The attempt is repeated. Default: nothing. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const OPTIONS: OptionKinds<PredictionLogOptions> = {
  bucket: "text",
  name: "text",
  inputs: "texts",
  maxBytes: "number",
  client: "client",
  onError: "function",
};

/** Rows that were lost, by reason. */
export interface DroppedPredictions {
  /** The memory was full, because storage is slow, hangs or fails. */
  readonly full: number;
  /** Not written when the time of a flush was over. */
  readonly late: number;
  /** JSON cannot hold the row. */
  readonly invalid: number;
}

/** One object on its way to the bucket. */
interface Pending {
  readonly key: string;
  readonly writeId: string;
  readonly rows: number;
  /** Gzipped. */
  readonly body: Promise<Buffer>;
  /** Bytes in memory: plain, then gzipped. */
  bytes: number;
}

/**
 * Logs predictions to `predictions/NAME/dt=YYYY-MM-DD/HH/REPLICA-SEQ.ndjson.gz`, days and hours in UTC.
 *
 * `add` never waits and never throws. Rows are kept in memory, and written once a minute or every 5 MB, whichever is
 * first. Each object has the rows of one hour. Keys are never used twice: REPLICA is the host's name and a random
 * number. A failed write is repeated after 1 s, then after twice as long, up to a minute. Rows that do not fit into
 * `maxBytes` meanwhile are dropped and counted.
 *
 * A service exports the counts as `model_prediction_log_written_total` and
 * `model_prediction_log_dropped_total{reason}`.
 *
 * @example
 * ```ts
 * import { PredictionLog } from "@ml-pipelines/pipeline-utils/monitoring";
 *
 * const log = new PredictionLog({ bucket: "my-bucket", name: "hours", inputs: ["orders_placed"] });
 * log.add({
 *   id: "request-1",
 *   modelKey: "models/hours_2021-07-20T14:44:13.558Z.json",
 *   modelHash: "759eccda4ceb7a07cda66ad4ef7cdfbc",
 *   inputs: { orders_placed: 10, customer: "not logged" },
 *   prediction: 0.65,
 * });
 * await log.flush(); // at SIGTERM
 * console.log(log.written, log.dropped);
 * ```
 *
 * prints
 *
 * ```
 * 1 { full: 0, late: 0, invalid: 0 }
 * ```
 */
export class PredictionLog {
  readonly #options: PredictionLogOptions;
  readonly #maxBytes: number;
  readonly #replica = `${hostname().replaceAll(/[^\w.-]/g, "_")}-${randomBytes(6).toString("hex")}`;
  readonly #dropped = { full: 0, late: 0, invalid: 0 };
  #written = 0;
  #sequence = 0;
  #open = new RowBuffer();
  #openHour = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #pending: Pending[] = [];
  /** Bytes of all pending objects. */
  #pendingBytes = 0;
  /** The loop that writes pending objects; undefined while there are none. */
  #work: Promise<void> | undefined;
  /** Ends the wait after a failed attempt. */
  #wake = new AbortController();
  /** Ends a flush. */
  #overdue = new AbortController();
  #isFlushing = false;
  #clock = { milliseconds: 0, iso: "" };

  /**
   * @throws {TypeError} An option is unknown or has the wrong type, or `maxBytes` is no integer of at least 1,000,000.
   * @throws {InvalidArtefactKeyError} The name is empty, or has a `/` or a control character.
   */
  constructor(options: PredictionLogOptions) {
    checkOptions(options, OPTIONS);
    const { name, maxBytes = DEFAULT_MAX_BYTES } = options;
    if (!Number.isSafeInteger(maxBytes) || maxBytes < LEAST_MAX_BYTES) {
      throw argumentError("maxBytes", maxBytes, `an integer of at least ${LEAST_MAX_BYTES}`);
    }
    checkLogName(name);
    this.#options = options;
    this.#maxBytes = maxBytes;
  }

  /** Rows that are in the bucket. */
  get written(): number {
    return this.#written;
  }

  /** Rows that were lost. */
  get dropped(): DroppedPredictions {
    return { ...this.#dropped };
  }

  /** Rows in memory, which are neither written nor dropped yet. */
  get waiting(): number {
    return this.#pending.reduce((sum, { rows }) => sum + rows, this.#open.rows);
  }

  /** Bytes in memory. At most `maxBytes`. */
  get bytes(): number {
    return this.#open.bytes + this.#pendingBytes;
  }

  /** Log a row, with the time of the call. */
  add({ id, modelKey, modelHash, inputs, prediction }: LoggedPrediction): void {
    const milliseconds = Date.now();
    let line: string;
    try {
      const row = {
        time: this.#isoOf(milliseconds),
        id,
        model_key: modelKey,
        model_hash: modelHash,
        inputs: this.#allowed(inputs),
        prediction,
      };
      line = `${JSON.stringify(row)}\n`;
    } catch {
      this.#dropped.invalid += 1;
      return;
    }
    const hour = hourOf(milliseconds);
    if (this.#open.rows > 0 && hour !== this.#openHour) {
      this.#seal();
    }
    if (!this.#open.add(line, this.#maxBytes - this.#pendingBytes)) {
      this.#dropped.full += 1;
      return;
    }
    if (this.#open.rows === 1) {
      this.#openHour = hour;
      this.#timer = setTimeout(() => {
        this.#seal();
      }, OBJECT_MILLISECONDS).unref();
    }
    if (this.#open.bytes >= Math.min(OBJECT_BYTES, this.#maxBytes / OBJECTS_IN_MEMORY)) {
      this.#seal();
    }
  }

  /**
   * Write all rows that are in memory. Rows that are not in the bucket after `timeout` are dropped and counted as `late`.
   *
   * @param options - `timeout`: in milliseconds. Default: 5,000.
   */
  async flush({ timeout = DEFAULT_FLUSH_MILLISECONDS }: { readonly timeout?: number } = {}): Promise<void> {
    this.#seal();
    const overdue = this.#overdue;
    const timer = setTimeout(() => {
      overdue.abort();
    }, timeout);
    this.#isFlushing = true;
    this.#wake.abort();
    try {
      await this.#work;
    } finally {
      clearTimeout(timer);
      this.#isFlushing = false;
      this.#overdue = new AbortController();
    }
  }

  /** A time as text. Many rows share a millisecond. */
  #isoOf(milliseconds: number): string {
    if (milliseconds !== this.#clock.milliseconds) {
      this.#clock = { milliseconds, iso: new Date(milliseconds).toISOString() };
    }
    return this.#clock.iso;
  }

  #allowed(inputs: LoggedPrediction["inputs"]): LoggedPrediction["inputs"] {
    const names = this.#options.inputs;
    if (names === undefined) {
      return inputs;
    }
    const kept: Record<string, LoggedPrediction["inputs"][string]> = {};
    for (const name of names) {
      if (Object.hasOwn(inputs, name)) {
        kept[name] = inputs[name];
      }
    }
    return kept;
  }

  /** Complete the open object, compress it, and let it be written. */
  #seal(): void {
    clearTimeout(this.#timer);
    const open = this.#open;
    if (open.rows === 0) {
      return;
    }
    this.#open = new RowBuffer();
    const key = objectKey(this.#options.name, this.#openHour, this.#replica, this.#sequence);
    this.#sequence += 1;
    // At once: a minute of an outage then costs a twentieth of the memory.
    const body = buffer(Readable.from(open.blocks()).pipe(createGzip()));
    const object: Pending = { key, writeId: randomUUID(), rows: open.rows, body, bytes: open.bytes };
    this.#pending.push(object);
    this.#pendingBytes += object.bytes;
    void body.then(
      ({ length }) => {
        if (this.#pending.includes(object)) {
          this.#pendingBytes += length - object.bytes;
          object.bytes = length;
        }
      },
      // The attempt to write the object reports it.
      () => undefined,
    );
    this.#work ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    let wait = FIRST_WAIT_MILLISECONDS;
    for (let object = this.#pending[0]; object !== undefined; object = this.#pending[0]) {
      if (await this.#write(object)) {
        this.#written += object.rows;
        wait = FIRST_WAIT_MILLISECONDS;
      } else if (this.#overdue.signal.aborted) {
        this.#dropped.late += object.rows;
      } else {
        await this.#pause(this.#isFlushing ? FLUSH_WAIT_MILLISECONDS : wait);
        wait = Math.min(2 * wait, MAX_WAIT_MILLISECONDS);
        continue;
      }
      this.#pending.shift();
      this.#pendingBytes -= object.bytes;
    }
    this.#work = undefined;
  }

  /** Wait until the next attempt. A flush begins it at once. */
  async #pause(milliseconds: number): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#wake.signal, this.#overdue.signal]);
    await sleep(milliseconds, undefined, { signal, ref: this.#isFlushing }).catch(() => undefined);
  }

  /** @returns Whether the object is in the bucket. */
  async #write({ key, writeId, body }: Pending): Promise<boolean> {
    const { bucket, client, onError } = this.#options;
    try {
      // Loaded with the first object: a program that only reads profiles needs no storage.
      const { writeLogObject } = await import("./write-log-object.js");
      const signal = AbortSignal.any([this.#overdue.signal, AbortSignal.timeout(PUT_MILLISECONDS)]);
      await writeLogObject(await body, { bucket, key, writeId, client, signal });
      return true;
    } catch (error) {
      if (error instanceof ArtefactExistsError) {
        // Nobody else has the key: it is this object, and the answer to its first attempt was lost.
        return true;
      }
      if (!this.#overdue.signal.aborted) {
        onError?.(error);
      }
      return false;
    }
  }
}
