import { type ByteSink } from "./byte-sink.js";

const ZERO = 48;
const BILLION = 1_000_000_000;

/** Write the digits of an integer from 0 to 2^53, for which there must be room. */
export function putDigits(sink: ByteSink, value: number): void {
  if (value >= BILLION) {
    const high = Math.floor(value / BILLION);
    putDigits(sink, high);
    putPadded(sink, value - high * BILLION, 9);
    return;
  }
  let digits = 1;
  for (let power = 10; digits < 9 && value >= power; power *= 10) digits++;
  putPadded(sink, value, digits);
}

/** Write an integer below 10^9 in so many digits. */
export function putPadded(sink: ByteSink, value: number, digits: number): void {
  const { bytes, used } = sink;
  let rest = value | 0;
  for (let at = used + digits - 1; at >= used; at--) {
    const tenth = (rest / 10) | 0;
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  sink.used = used + digits;
}
