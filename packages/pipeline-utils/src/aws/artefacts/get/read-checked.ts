import { FormatError } from "../../../errors.js";

/**
 * Let a reader read a body, and have the body's check done whatever the reader does: data that was read from a damaged body
 * is not returned, and a damaged body is named as the cause of a format error that came of it.
 */
export async function readChecked<T>(
  body: AsyncIterable<Uint8Array>,
  read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const iterator = body[Symbol.asyncIterator]();
  const drain = async (): Promise<void> => {
    while ((await iterator.next()).done !== true) {
      // Read to the end: the checks come last.
    }
  };
  try {
    // Without a return(), so that a reader that stops early leaves the rest to be checked.
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
