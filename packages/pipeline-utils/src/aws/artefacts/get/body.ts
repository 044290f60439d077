import { FormatError } from "../../../errors.js";

/**
 * The bytes of an object, checked while they stream. The body can be iterated once.
 *
 * The iteration ends normally only if the bytes match the recorded hashes; otherwise it throws an ArtefactChangedError.
 * Until it ends, the bytes are unverified.
 */
export interface VerifiedBody extends AsyncIterable<Uint8Array> {
  /** In bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Set if the bucket keeps versions. */
  readonly versionId: string | undefined;
}

/** Collect a whole body. An error of the body's check is passed on. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Let a reader read a body, and always complete the body's check.
 *
 * Data from a damaged body is not returned. If a damaged body caused a format error, the damage is reported instead.
 */
export async function readChecked<T>(
  body: AsyncIterable<Uint8Array>,
  read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const iterator = body[Symbol.asyncIterator]();
  const drain = async (): Promise<void> => {
    while ((await iterator.next()).done !== true) {
      // Read to the end, because the checks come last.
    }
  };
  try {
    // The iterator has no return(), so a reader that stops early leaves the rest to be checked.
    const result = await read({ [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) });
    await drain();
    return result;
  } catch (error) {
    if (error instanceof FormatError) {
      await drain();
    }
    throw error;
  } finally {
    await iterator.return?.();
  }
}
