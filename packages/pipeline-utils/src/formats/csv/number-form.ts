/**
 * How a plain number is written, beside its value, as an integer below 32: so many decimals, 0 for an integer, and whether
 * the last of them is a zero.
 */
export function formOf(decimals: number, isPadded: boolean): number {
  return isPadded ? decimals | PADDED : decimals;
}

/** More decimals are not told apart. */
export const MAX_DECIMALS_TOLD = 4;
/** The form of a number of more decimals. */
export const UNTOLD = 31;
const PADDED = 8;
const INTEGERS = 1;
const DECIMALS = 0b11110;

/** Numbers are written with the fewest decimals that give the value, but with no fewer than `least` and no more than `most`. */
export interface Decimals {
  readonly least: number;
  readonly most: number;
}

/**
 * How all numbers of some forms are written.
 *
 * @param forms - As bits `1 << form`.
 * @returns Undefined where their values do not tell.
 */
export function decimalsOf(forms: number): Decimals | undefined {
  if ((forms & (1 << UNTOLD)) !== 0) return undefined;
  const hasIntegers = (forms & INTEGERS) !== 0;
  const padded = (forms >> PADDED) & DECIMALS;
  if (padded === 0) return { least: 0, most: (forms & DECIMALS) === 0 ? 0 : MAX_DECIMALS_TOLD };
  // Of a whole value it is not known whether it was `1` or `1.0`.
  if (hasIntegers) return undefined;
  const all = padded | (forms & DECIMALS);
  const most = 31 - Math.clz32(all);
  if (all === 1 << most) return { least: most, most };
  // A zero is needless but for one that stands alone, as in `1.0` beside `1.25`.
  return padded === 1 << 1 ? { least: 1, most: MAX_DECIMALS_TOLD } : undefined;
}
