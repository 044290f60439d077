const FORM = /^ *([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))? *$/;
/** More digits than any integer type holds. */
const MAX_DIGITS = 64;

/**
 * The integer that a number is exactly: of `007`, `1.0` and `1e3`, but not of `1.0000000000000000001`, though the nearest
 * double is one.
 *
 * @returns undefined where it is none, or no number, or has very many digits.
 */
export function parseWhole(text: string): bigint | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = Math.max(0, whole.length + Number(exponent));
  if (digits === "" || point > MAX_DIGITS || /[1-9]/.test(digits.slice(point))) return undefined;
  const integer = BigInt(digits.slice(0, point).padEnd(point, "0"));
  return sign === "-" ? -integer : integer;
}
