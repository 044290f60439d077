/** Requests at a time. A model's file may have megabytes, and all that are under way are in memory. */
const MAX_CONCURRENT = 16;

/**
 * Call a function for each item, a few at a time.
 *
 * @returns The results in the order of the items.
 * @throws The first error; no further call begins after it.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (hasFailed) {
        return;
      }
      try {
        results[index] = await map(item, index);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_CONCURRENT, items.length) }, work));
  return results;
}
