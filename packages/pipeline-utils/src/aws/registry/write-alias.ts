import { randomUUID } from "node:crypto";

import { ArtefactChangedError, ArtefactExistsError } from "../../errors.js";
import { addressOf } from "../artefacts/location.js";
import { putWhole } from "../artefacts/put/write-once.js";
import { aliasKey, logKey, renderAlias } from "./alias.js";
import type { Alias, AliasReference, StoredAlias } from "./alias.js";
import { listSequences, readAlias, readLogLine } from "./read-registry.js";
import type { RegistryCall } from "./read-registry.js";

/** Attempts to write a line, each with the next free number. More writers at once do not happen. */
const MAX_LINES = 100;

/** A move of an alias that is to be carried out. */
export type Move = Pick<Alias, "model" | "actor" | "reason">;

/**
 * Move an alias, if it still is as it was read: log first, then the alias on the condition of its ETag.
 *
 * 1. Write a line of the log, create-only, numbered one above the last line.
 * 2. Write the alias with If-Match on the ETag that was read; the first time with If-None-Match.
 *
 * A writer that dies between the two leaves an unused line, and never a move that nobody logged. If several writers read
 * the same alias, one carries out its move.
 *
 * @param current - The alias as it was read; undefined if there was none.
 * @throws {ArtefactChangedError} Another writer moved the alias meanwhile. The message says who, to which model.
 * @throws {S3AccessError} S3 failed or denied access.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function writeAlias(
  reference: AliasReference,
  current: StoredAlias | undefined,
  { model, actor, reason }: Move,
  call: RegistryCall,
): Promise<Alias> {
  const { bucket, name, alias } = reference;
  const previous =
    current === undefined ? {} : { previous: { key: current.model.key, sequence: current.sequence } };
  const draft = { name, alias, model, ...previous, actor, reason, time: new Date() };
  const moved = await writeLine(reference, draft, current?.sequence ?? 0, call);
  const key = aliasKey(reference);
  try {
    await write({ bucket, key, ifMatch: current?.etag }, moved, call);
    return moved;
  } catch (error) {
    if (!(error instanceof ArtefactChangedError || error instanceof ArtefactExistsError)) {
      throw error;
    }
    const winner = await readAlias(reference, call);
    // The answer to this writer's own move may be lost, and the next writer may have built on that move already.
    if (winner !== undefined && (await isBuiltOn(reference, winner, moved.sequence, call))) {
      return moved;
    }
    throw lostError(reference, moved, winner, error);
  }
}

/** Write the line of a move. Another writer may take the number first; then the next one is tried. */
async function writeLine(
  reference: AliasReference,
  draft: Omit<Alias, "sequence">,
  after: number,
  call: RegistryCall,
): Promise<Alias> {
  const { bucket } = reference;
  for (let attempt = 1; ; attempt += 1) {
    const sequences = await listSequences(reference, after, call);
    const sequence = (sequences.at(-1) ?? after) + 1;
    const line = { ...draft, sequence };
    try {
      await write({ bucket, key: logKey(reference, sequence), ifMatch: undefined }, line, call);
      return line;
    } catch (error) {
      if (!(error instanceof ArtefactExistsError) || attempt === MAX_LINES) {
        throw error;
      }
    }
  }
}

/** Write an alias or a line. Without `ifMatch`, the key must be free. */
async function write(
  { bucket, key, ifMatch }: { bucket: string; key: string; ifMatch: string | undefined },
  content: Alias,
  { client, signal }: RegistryCall,
): Promise<void> {
  const settings = { client, bucket, key, ifMatch, signal, overwrite: false, skipUnchanged: false };
  const bytes = new TextEncoder().encode(renderAlias(content));
  const onProgress = (): void => undefined;
  await putWhole({ ...settings, writeId: randomUUID(), onProgress }, bytes, async () => true);
}

/** Whether the alias names a move, or got to where it is over that move. */
async function isBuiltOn(
  reference: AliasReference,
  current: Alias,
  sequence: number,
  call: RegistryCall,
): Promise<boolean> {
  let move: Alias | undefined = current;
  while (move?.previous !== undefined && move.previous.sequence > sequence) {
    move = await readLogLine(reference, move.previous.sequence, call);
  }
  return move?.sequence === sequence || move?.previous?.sequence === sequence;
}

function lostError(
  reference: AliasReference,
  moved: Alias,
  winner: StoredAlias | undefined,
  cause: unknown,
): ArtefactChangedError {
  const address = addressOf(reference.bucket, aliasKey(reference));
  const found =
    winner === undefined
      ? "somebody deleted it meanwhile"
      : `${winner.actor} moved it to ${winner.model.key} meanwhile (sequence ${winner.sequence}: ${winner.reason})`;
  return new ArtefactChangedError(
    `${address}: ${found}; ${moved.model.key} was not promoted, and line ${moved.sequence} of the log was not carried out`,
    { cause },
  );
}
