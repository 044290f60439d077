import { multiplyExactly } from "./multiply-exactly.js";

/** A bound on the relative error of the correction, much above its true size of about 2^-51. */
const ERROR_BOUND = 2 ** -40;
const product = new Float64Array(2);

/**
 * Put the double nearest to `(high + low) / divisor` into `out[index]`.
 *
 * The quotient's remainder is exact (its product is formed without rounding), and corrects it; where both ends of the
 * correction's error bound round to one double, that is the nearest.
 *
 * @param high - A positive integer below 2^63, of which `low` is the exact rest of the number meant.
 * @param divisor - A power of ten up to 1e22, which a double holds exactly.
 * @returns Whether it could be told: false where the quotient is too close to a midpoint of two doubles.
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
  multiplyExactly(quotient, divisor, product);
  const correction = (high - product[0]! - product[1]! + low) / divisor;
  const least = quotient + correction * (1 - ERROR_BOUND);
  const most = quotient + correction * (1 + ERROR_BOUND);
  out[index] = least;
  return least === most;
}
