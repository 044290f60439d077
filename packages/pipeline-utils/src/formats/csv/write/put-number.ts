import { type ByteSink } from "./byte-sink.js";
import { putDigits, putPadded } from "./put-digits.js";
import { putShortest } from "./put-shortest.js";

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** More bytes than any number takes. */
const LONGEST = 32;
const BILLION = 1_000_000_000;
/** Decimals that are tried before a double is left to JavaScript to print. */
const MAX_DECIMALS = 4;
const POWERS = [1, 10, 100, 1_000, 10_000] as const;

/** Write an integer of a magnitude of at most 2^53. */
export function putInteger(sink: ByteSink, value: number): void {
  sink.reserve(LONGEST);
  if (value < 0) sink.bytes[sink.used++] = MINUS;
  putDigits(sink, Math.abs(value));
}

/**
 * Write a double so that `Number` of it is the same double: as JavaScript does, in the shortest form, but with a point
 * in it, so that it is no integer to a reader.
 */
export function putDouble(sink: ByteSink, value: number): void {
  sink.reserve(LONGEST);
  const magnitude = Math.abs(value);
  if (Number.isSafeInteger(magnitude)) {
    if (value < 0 || Object.is(value, -0)) sink.bytes[sink.used++] = MINUS;
    putDigits(sink, magnitude);
    sink.bytes[sink.used++] = POINT;
    sink.bytes[sink.used++] = ZERO;
    return;
  }
  const most = magnitude * POWERS[MAX_DECIMALS];
  // Most doubles are told from those of few decimals at once: the bound is above the rounding of the product.
  if (!(magnitude < BILLION) || Math.abs(most - Math.round(most)) > most * 1e-15) {
    putOther(sink, value);
    return;
  }
  for (let decimals = 1; decimals <= MAX_DECIMALS; decimals++) {
    const power = POWERS[decimals]!;
    const scaled = Math.round(magnitude * power);
    // An integer below 2^53 over an exact power of ten is rounded once: the same double as the digits read again.
    if (scaled / power !== magnitude) continue;
    if (value < 0) sink.bytes[sink.used++] = MINUS;
    const whole = Math.floor(scaled / power);
    putDigits(sink, whole);
    sink.bytes[sink.used++] = POINT;
    putPadded(sink, scaled - whole * power, decimals);
    return;
  }
  putOther(sink, value);
}

/** Write a double that has not few decimals. */
function putOther(sink: ByteSink, value: number): void {
  const { used } = sink;
  if (value < 0) sink.bytes[sink.used++] = MINUS;
  if (putShortest(sink, Math.abs(value))) return;
  sink.used = used;
  sink.putAscii(shortest(value));
}

/** JavaScript's form of a double, with a point or an exponent where it is finite. */
function shortest(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}
