/**
 * A stream, at most until the signal, whose reason then ends it: a source that hangs, as a pipe or a socket may, does not hold its
 * reader.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, undefined> {
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await nextUntil(iterator, signal);
      signal.throwIfAborted();
      isOver = next === undefined || next.done === true;
      if (next === undefined || next.done === true) {
        return undefined;
      }
      yield next.value;
    }
  } catch (error) {
    isOver = !signal.aborted;
    throw error;
  } finally {
    if (!isOver) {
      const closed = Promise.resolve(iterator.return?.());
      // What hangs is told to end, but does not say when it has.
      if (signal.aborted) {
        closed.catch(() => undefined);
      } else {
        await closed;
      }
    }
  }
}

/**
 * The next of a stream, or undefined at the signal. With a listener for each: a race against one promise for all would keep every
 * chunk in memory until the end.
 */
async function nextUntil<T>(
  iterator: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T, unknown> | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      resolve(undefined);
    };
    signal.addEventListener("abort", stop, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener("abort", stop);
      });
  });
}
