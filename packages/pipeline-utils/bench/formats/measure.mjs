/**
 * Run one task and print what it took as a line of JSON: CPU seconds (of all threads), and peak resident MB of the process.
 *
 * @template T
 * @param {() => Promise<T> | T} task
 * @param {(result: T) => object} more - Further values to print, made of its result.
 */
export async function measure(task, more = () => ({})) {
  const before = process.cpuUsage();
  const result = await task();
  const { user, system } = process.cpuUsage(before);
  const peak = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, peak, ...more(result) }));
}

/**
 * A file in memory as a stream of chunks of 64 KiB, as a network has them.
 *
 * @param {Uint8Array} bytes
 */
export async function* chunksOf(bytes) {
  for (let start = 0; start < bytes.length; start += 1 << 16) {
    yield bytes.subarray(start, start + (1 << 16));
  }
}
