/** The greatest exponent of ten whose power a double holds exactly. */
export const MAX_EXACT_EXPONENT = 22;
/** By exponent: the powers of ten that are exact in doubles. */
export const POWERS_OF_TEN = Float64Array.from({ length: MAX_EXACT_EXPONENT + 1 }, (_, exponent) =>
  Number(`1e${exponent}`),
);
/** A bound on the relative error of the correction in `divideExactly`, whose true size is about 2^-51. */
const CORRECTION_ERROR_BOUND = 2 ** -40;
/** 2^27 + 1: splits a double into two halves whose products are exact. */
const SPLITTER = 134217729;
/** The array that `divideExactly` multiplies into. */
const quotientProduct = new Float64Array(2);

/**
 * Put the double nearest to `(high + low) / divisor` into `out[index]`.
 *
 * The product of quotient and divisor is formed without rounding. The remainder is therefore exact, and it corrects the
 * quotient. If both ends of the correction's error bound round to one double, that double is the nearest.
 *
 * @param high - A positive integer below 2^63.
 * @param low - The exact rest of the dividend.
 * @param divisor - A power of ten up to 1e22, which a double holds exactly.
 * @returns False if the quotient is too close to a midpoint of two doubles to be sure.
 * @see A. Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit", TOMS 17 (1991)
 */
export function divideExactly(
  high: number,
  low: number,
  divisor: number,
  out: Float64Array,
  index: number,
): boolean {
  const quotient = high / divisor;
  multiplyExactly(quotient, divisor, quotientProduct);
  const correction = (high - quotientProduct[0]! - quotientProduct[1]! + low) / divisor;
  const least = quotient + correction * (1 - CORRECTION_ERROR_BOUND);
  const most = quotient + correction * (1 + CORRECTION_ERROR_BOUND);
  out[index] = least;
  return least === most;
}

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
