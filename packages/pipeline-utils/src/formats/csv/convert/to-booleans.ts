import { Bool, type Data, makeData } from "apache-arrow";
import { NOT_A_BOOLEAN, parseBoolean, TRUE } from "../parse-boolean.js";
import { type TextBatch } from "../text-batch.js";
import { convertEach, type Misfit } from "./convert-each.js";

/** Texts as truth values. */
export function toBooleans(texts: TextBatch, misfit: Misfit): Data<Bool> {
  const { length } = texts;
  const data = new Uint8Array((length + 7) >> 3);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const value = parseBoolean(bytes, start, end);
    if (value === TRUE) data[row >> 3]! |= 1 << (row & 7);
    return value !== NOT_A_BOOLEAN;
  });
  return makeData({ type: new Bool(), length, data, ...validity });
}
