/**
 * Seeded data as one run of 64-bit floats: each feature column, then the labels.
 *
 * @param {number} rows
 * @param {number} features
 * @param {string} kind `integer`: 5 or 300 values by turns; else continuous.
 */
export function makeData(rows, features, kind) {
  const random = generator(2021);
  const data = new Float64Array(rows * (features + 1));
  const labels = data.subarray(rows * features);
  for (let row = 0; row < rows; row++) {
    let label = 0;
    for (let feature = 0; feature < features; feature++) {
      const value = random();
      const values = feature % 2 === 0 ? 5 : 300;
      const number = kind === "continuous" ? value * 10 : Math.floor(value * values);
      data[feature * rows + row] = number;
      if (feature < 3) {
        label += ((feature + 1) * number) / 10;
      }
    }
    labels[row] = label + random() + random() - 1;
  }
  return data;
}

/** Mulberry32: numbers in [0, 1). @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
