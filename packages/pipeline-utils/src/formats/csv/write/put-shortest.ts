import { multiplyExactly } from "../multiply-exactly.js";
import { type ByteSink } from "./byte-sink.js";
import { putPadded } from "./put-digits.js";
import { POWERS_OF_TEN } from "../powers-of-ten.js";

const ZERO = 48;
const POINT = 46;
/** Digits that tell any double from its neighbours. */
const DIGITS = 17;
/** Digits of the second of the two integers that they are computed as. */
const LOW_DIGITS = 8;
const LOW = 10 ** LOW_DIGITS;
/** From here to there numbers are written here: what they are scaled by is a power of ten that a double holds exactly. */
const LEAST = 1e-5;
const MOST = 1e9;
/** What is closer to a bound than this, of the unit of the last digit, is left to others. */
const DOUBT = 1e-6;
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const product = new Float64Array(2);

/**
 * Write a positive double that is no integer in the fewest digits from which it is read again, as JavaScript does, several
 * times faster: the double times a power of ten, in exact arithmetic, is an integer of 17 digits and a rest; of 16 or 15
 * digits it is the same double where they are less than half the distance to its neighbours away.
 *
 * @returns Whether it was written: false for numbers that are very small or large, and for doubtful cases.
 * @see G. L. Steele Jr., J. L. White, "How to print floating-point numbers accurately", PLDI 1990
 */
export function putShortest(sink: ByteSink, value: number): boolean {
  if (!(value >= LEAST && value < MOST)) return false;
  const exponent = exponentOf(value);
  const scale = POWERS_OF_TEN[DIGITS - 1 - exponent]!;
  multiplyExactly(value, scale, product);
  const scaled = product[0]!;
  const rest = product[1]!;
  // In units of the last of the 17 digits.
  const halfGap = halfDistance(value) * scale;
  if (halfGap === 0) return false;
  // The last two of the 17 digits and what comes after them; scaled is a whole number.
  const lastTwo = (scaled % 100) + rest;
  let rounded = Math.round(lastTwo / 100) * 100;
  let distance = Math.abs(rounded - lastTwo);
  if (distance > halfGap - DOUBT) {
    if (distance < halfGap + DOUBT) return false;
    rounded = Math.round(lastTwo / 10) * 10;
    distance = Math.abs(rounded - lastTwo);
    if (Math.abs(distance - halfGap) < DOUBT || Math.abs(distance - 5) < DOUBT) return false;
    if (distance > halfGap) {
      rounded = Math.round(lastTwo);
      if (Math.abs(Math.abs(rounded - lastTwo) - 0.5) < DOUBT) return false;
    }
  }
  let high = Math.floor(scaled / LOW);
  let low = scaled - high * LOW + rounded - (scaled % 100);
  if (low < 0) {
    high--;
    low += LOW;
  } else if (low >= LOW) {
    high++;
    low -= LOW;
  }
  if (high >= 10 ** (DIGITS - LOW_DIGITS) || high < 10 ** (DIGITS - LOW_DIGITS - 1)) return false;
  putDecimal(sink, high, low, exponent);
  return true;
}

/** Write the 17 digits of two integers, of which the first stands for `10 ** exponent`, without the zeros at the end. */
function putDecimal(sink: ByteSink, high: number, low: number, exponent: number): void {
  const { bytes } = sink;
  if (exponent < 0) {
    bytes[sink.used++] = ZERO;
    bytes[sink.used++] = POINT;
    for (let zeros = -exponent - 1; zeros > 0; zeros--) bytes[sink.used++] = ZERO;
  }
  const start = sink.used;
  if (exponent >= 0) sink.used++;
  putPadded(sink, high, DIGITS - LOW_DIGITS);
  putPadded(sink, low, LOW_DIGITS);
  if (exponent >= 0) {
    bytes.copyWithin(start, start + 1, start + 2 + exponent);
    bytes[start + 1 + exponent] = POINT;
  }
  while (bytes[sink.used - 1] === ZERO) sink.used--;
}

/** The exponent of the first digit; it may be one too high just below a power of ten. */
function exponentOf(value: number): number {
  let exponent = 0;
  if (value >= 1) {
    while (value >= POWERS_OF_TEN[exponent + 1]!) exponent++;
    return exponent;
  }
  do exponent--;
  while (value * POWERS_OF_TEN[-exponent]! < 1);
  return exponent;
}

/** Half the distance of a double to the next ones, a power of two; 0 for powers of two, whose neighbours are not as far. */
function halfDistance(value: number): number {
  double[0] = value;
  const exponentBits = words[1]! >>> 20;
  if (words[0] === 0 && (words[1]! & 0xfffff) === 0) return 0;
  words[0] = 0;
  words[1] = (exponentBits - 53) << 20;
  return double[0];
}
