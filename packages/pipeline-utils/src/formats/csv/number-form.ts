/** The largest number of decimals that forms tell apart. */
export const MAX_FORM_DECIMALS = 4;
/** The form of a number with more decimals. */
export const UNKNOWN_FORM = 31;
const PADDED = 8;
/** Among forms as bits: integers. */
const INTEGER_FORMS = 1;
/** Among forms as bits: one to four decimals. */
const DECIMAL_FORMS = 0b11110;

/**
 * How a plain number was spelled, packed into 5 bits: its decimals (0 = integer) and whether the last is a zero. With
 * the value, this rebuilds the text.
 */
export function formOf(decimals: number, isPadded: boolean): number {
  return isPadded ? decimals | PADDED : decimals;
}

/** How the numbers of a batch are spelled: with the fewest decimals that give the value, from `least` to `most`. */
export interface Decimals {
  readonly least: number;
  readonly most: number;
}

/**
 * The one rule by which numbers of some forms are all spelled.
 *
 * @param forms - As bits `1 << form`.
 * @returns Undefined if their values do not determine their texts.
 */
export function decimalsOf(forms: number): Decimals | undefined {
  if ((forms & (1 << UNKNOWN_FORM)) !== 0) {
    return undefined;
  }
  const hasIntegers = (forms & INTEGER_FORMS) !== 0;
  const padded = (forms >> PADDED) & DECIMAL_FORMS;
  if (padded === 0) {
    return { least: 0, most: (forms & DECIMAL_FORMS) === 0 ? 0 : MAX_FORM_DECIMALS };
  }
  // A whole value may have been `1` or `1.0`.
  if (hasIntegers) {
    return undefined;
  }
  const all = padded | (forms & DECIMAL_FORMS);
  const most = 31 - Math.clz32(all);
  if (all === 1 << most) {
    return { least: most, most };
  }
  // A zero is redundant unless it is the only decimal, as in `1.0` beside `1.25`.
  return padded === 1 << 1 ? { least: 1, most: MAX_FORM_DECIMALS } : undefined;
}
