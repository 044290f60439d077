/** The greatest power of ten that a double holds exactly. */
export const MAX_POWER = 22;
/** By exponent: the powers of ten that are exact in doubles. */
export const POWERS_OF_TEN = Float64Array.from({ length: MAX_POWER + 1 }, (_, exponent) =>
  Number(`1e${exponent}`),
);
