/** A step of the next power of ten begins where the ratio of two neighbouring steps is reached in the geometric mean. */
const TEN_FROM = Math.sqrt(50);
const FIVE_FROM = Math.sqrt(10);
const TWO_FROM = Math.sqrt(2);

/**
 * Round numbers that divide a range: multiples of 1, 2 or 5 times a power of ten, as d3-array's `ticks` gives them.
 *
 * @param count - About how many.
 * @returns Ascending, within the bounds. For an empty or infinite range: its lower bound if it is finite, else nothing.
 * @see https://d3js.org/d3-array/ticks
 */
export function niceTicks(minimum: number, maximum: number, count: number): number[] {
  const span = maximum - minimum;
  if (!(span > 0 && span < Infinity)) {
    return Number.isFinite(minimum) ? [minimum] : [];
  }
  const rough = span / count;
  const power = Math.floor(Math.log10(rough));
  const error = rough / 10 ** power;
  const factor = error >= TEN_FROM ? 10 : error >= FIVE_FROM ? 5 : error >= TWO_FROM ? 2 : 1;
  // Below 1 a quotient of integers is exact to the last bit, where the multiple of a decimal step is not.
  const isFraction = power < 0;
  const unit = isFraction ? 10 ** -power / factor : 10 ** power * factor;
  const scaled = (value: number): number => (isFraction ? value * unit : value / unit);
  const value = (index: number): number => (isFraction ? index / unit : index * unit);
  let first = Math.round(scaled(minimum));
  let last = Math.round(scaled(maximum));
  first += value(first) < minimum ? 1 : 0;
  last -= value(last) > maximum ? 1 : 0;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => value(first + index));
}

/** A number as people read it, in at most `digits` significant digits: `12,500`, `0.25`, `3.4e+38`. */
export function formatNumber(value: number, digits = 4): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) {
    return Number(value.toPrecision(3)).toExponential();
  }
  return formatOf(digits).format(value);
}

/** By digits. Making one takes longer than all the numbers of a card. */
const formats = new Map<number, Intl.NumberFormat>();

function formatOf(digits: number): Intl.NumberFormat {
  let format = formats.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat("en", { maximumSignificantDigits: digits });
    formats.set(digits, format);
  }
  return format;
}
