/**
 * Pass a stream on until the signal aborts, then throw the signal's reason. A source that hangs, such as a pipe or a
 * socket, cannot block its reader.
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
      // Do not wait for a source that hangs. It is asked to close, but may never confirm.
      if (signal.aborted) {
        closed.catch(() => undefined);
      } else {
        await closed;
      }
    }
  }
}

/**
 * The next item of a stream, or undefined once the signal aborts.
 *
 * Each call adds its own listener. Racing against one shared promise would keep every chunk in memory until the end.
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
