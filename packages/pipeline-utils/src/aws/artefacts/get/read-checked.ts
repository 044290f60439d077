import { FormatError } from "../../../errors.js";

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
