import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { InvalidArgumentsError } from "@ml-pipelines/pipeline-utils/stage";
import type { FastifyInstance } from "fastify";
import { HttpError } from "../errors.js";

/** Nobody guesses so many random letters and digits. */
const MIN_KEY_CHARACTERS = 16;
const MAX_KEYS = 100;
/** Pause between two looks at the file. Kubernetes swaps a mounted Secret by a link, of which no event tells. */
const LOOK_EVERY_MS = 2_000;

/**
 * The keys of a file, one a line: several, so that one can be replaced by the next. Empty lines and lines with `#` are passed over.
 *
 * A changed file is read again. If it has no valid keys then, the ones from before stay. Only hashes are kept in memory, and no key is
 * ever logged.
 */
export class ApiKeys {
  readonly #file: string;
  #hashes: readonly Buffer[];

  /** @throws {InvalidArgumentsError} The file cannot be read, or has no valid keys. */
  constructor(file: string) {
    this.#file = file;
    this.#hashes = readKeys(file);
  }

  /** Whether a text is one of the keys. The time it takes depends neither on which one nor on how much of it is right. */
  has(text: string): boolean {
    const hash = hashOf(text);
    let isKey = false;
    for (const known of this.#hashes) {
      isKey = timingSafeEqual(hash, known) || isKey;
    }
    return isKey;
  }

  /** Read the file again whenever it has changed. @returns Ends this. */
  follow(log: Pick<Logger, "info" | "error">): () => void {
    const reload = (): void => {
      try {
        this.#hashes = readKeys(this.#file);
        log.info(`Read ${this.#file} again: ${countOf(this.#hashes)}`);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error(`Kept the API keys from before - ${reason}`);
      }
    };
    watchFile(this.#file, { persistent: false, interval: LOOK_EVERY_MS }, reload);
    return () => {
      unwatchFile(this.#file, reload);
    };
  }
}

function readKeys(file: string): Buffer[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentsError(`API keys cannot be read: ${reason}`, { cause: error });
  }
  const lines = text.split(/\r?\n/).map((line, index) => ({ key: line.trim(), number: index + 1 }));
  const keys = lines.filter(({ key }) => key !== "" && !key.startsWith("#"));
  for (const { key, number } of keys) {
    // The characters of a bearer token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    if (!/^[\w.~+/-]+=*$/.test(key) || key.length < MIN_KEY_CHARACTERS) {
      const expected = `at least ${MIN_KEY_CHARACTERS} letters, digits and -._~+/`;
      throw new InvalidArgumentsError(
        `${file} line ${number}: a key of ${key.length} characters, expected ${expected}`,
      );
    }
  }
  if (keys.length === 0 || keys.length > MAX_KEYS) {
    throw new InvalidArgumentsError(`${file} has ${countOf(keys)}, expected 1 to ${MAX_KEYS}`);
  }
  return keys.map(({ key }) => hashOf(key));
}

const countOf = ({ length }: { length: number }): string => `${length} API ${length === 1 ? "key" : "keys"}`;

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Reject requests to the routes of a context that come without one of the keys, with 401. */
export function requireApiKey(app: FastifyInstance, keys: ApiKeys): void {
  app.addHook("onRequest", (request, reply, next) => {
    const [, key] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (key !== undefined && keys.has(key)) {
      next();
      return;
    }
    // https://www.rfc-editor.org/rfc/rfc6750#section-3
    reply.header("www-authenticate", key === undefined ? "Bearer" : 'Bearer error="invalid_token"');
    const fault = key === undefined ? "The request has no API key" : "The API key is not valid";
    next(new HttpError(401, `${fault}, expected the header Authorization: Bearer KEY`));
  });
}
