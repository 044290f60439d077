/**
 * Uniform numbers in [0, 1) from a seed: mulberry32, a full-period 32-bit generator.
 *
 * @param {number} seed
 * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Orders that look like those of a warehouse: the hours to dispatch grow with the orders placed, each product at its
 * own pace, with noise. The same seed gives the same rows.
 *
 * @param {{ rows?: number, products?: number, seed?: number }} [options]
 * @returns {string} CSV: hours (at least 0.05), whole orders from 1 to 200, product codes from SKU001.
 */
export function sampleDataset({ rows = 1000, products = 5, seed = 2021 } = {}) {
  const random = uniform(seed);
  // The sum of twelve uniforms less six is normal enough for noise (Irwin-Hall).
  const noise = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const lines = ["hours_to_dispatch,orders_placed,product_code"];
  for (let row = 0; row < rows; row++) {
    const product = Math.floor(random() * products);
    const orders = 1 + Math.floor(random() * 200);
    const hours = 0.5 + 0.4 * product + (0.04 + 0.03 * product) * orders + 0.6 * noise();
    lines.push(`${Math.max(0.05, hours)},${orders},SKU${String(product + 1).padStart(3, "0")}`);
  }
  return `${lines.join("\n")}\n`;
}
