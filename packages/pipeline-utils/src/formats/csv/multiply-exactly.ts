/** 2^27 + 1: splits a double into two halves whose products are exact. */
const SPLITTER = 134217729;

/**
 * Put the product of two doubles into `out`, without rounding: `out[0]` is the nearest double, `out[1]` the exact rest.
 *
 * @see T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971)
 */
export function multiplyExactly(a: number, b: number, out: Float64Array): void {
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  const product = a * b;
  out[0] = product;
  out[1] = aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
