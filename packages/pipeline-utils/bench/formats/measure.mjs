/**
 * Run one task and print what it took as a line of JSON: CPU seconds (of all threads), and peak resident MB of the process.
 *
 * @param {() => Promise<unknown> | unknown} task
 */
export async function measure(task) {
  const before = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(before);
  const peak = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, peak }));
}

/**
 * A file in memory as a stream of chunks of 64 KiB, as a network has them.
 *
 * @param {Uint8Array} bytes
 */
export async function* chunksOf(bytes) {
  for (let start = 0; start < bytes.length; start += 1 << 16) yield bytes.subarray(start, start + (1 << 16));
}
