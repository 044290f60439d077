import { mayBeNumber } from "../may-be-number.js";
import { NOT_A_BOOLEAN, parseBoolean } from "../parse-boolean.js";
import { NOT_A_NUMBER, parseNumber } from "../parse-number.js";
import { type ByteSink } from "./byte-sink.js";

const QUOTE = 34;
const COMMA = 44;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const LOWER = 32;
const LETTER_F = 102;
const LETTER_T = 116;
const scratch = new Float64Array(1);

/**
 * Write the text `source[start, end)`, in quotes where it holds a byte that CSV gives a meaning, and where a reader would
 * else take it for null, a number or a truth value.
 */
export function putText(sink: ByteSink, source: Uint8Array, start: number, end: number): void {
  sink.reserve(2 * (end - start) + 2);
  const { bytes } = sink;
  let used = sink.used;
  if (!looksLikeAnotherType(source, start, end)) {
    let at = start;
    for (; at < end; at++) {
      const byte = source[at]!;
      if (
        byte <= COMMA &&
        (byte === COMMA || byte === QUOTE || byte === LINE_FEED || byte === CARRIAGE_RETURN)
      )
        break;
      bytes[used++] = byte;
    }
    if (at === end) {
      sink.used = used;
      return;
    }
    used = sink.used;
  }
  bytes[used++] = QUOTE;
  for (let at = start; at < end; at++) {
    const byte = source[at]!;
    bytes[used++] = byte;
    if (byte === QUOTE) bytes[used++] = QUOTE;
  }
  bytes[used++] = QUOTE;
  sink.used = used;
}

function looksLikeAnotherType(source: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  const first = source[start]!;
  if (first === SPACE || source[end - 1] === SPACE)
    return parseNumber(source, start, end, scratch, 0) !== NOT_A_NUMBER;
  const letter = first | LOWER;
  if (letter === LETTER_F || letter === LETTER_T) return parseBoolean(source, start, end) !== NOT_A_BOOLEAN;
  return mayBeNumber(source, start, end) && parseNumber(source, start, end, scratch, 0) !== NOT_A_NUMBER;
}
