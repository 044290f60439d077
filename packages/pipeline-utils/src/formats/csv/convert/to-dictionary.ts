import { type Data, type Dictionary, makeData, Utf8, type Vector, vectorFromArray } from "apache-arrow";
import { type Misfit, textAt } from "./convert-each.js";

/** Texts as indices into their distinct values, in the order of their first rows; all batches share one dictionary. */
export function toDictionary(
  batches: readonly Data<Utf8>[],
  type: Dictionary,
  misfit: (batch: number) => Misfit,
): Data<Dictionary>[] {
  const most = 2 ** (type.indices.bitWidth - (type.indices.isSigned ? 1 : 0));
  const codes = new Map<string, number>();
  const indices = batches.map((texts, batch) => {
    const tell = misfit(batch);
    const data = new Int32Array(texts.length);
    for (let row = 0; row < texts.length; row++) {
      if (!texts.getValid(row)) continue;
      const text = textAt(texts.values, texts.valueOffsets[row]!, texts.valueOffsets[row + 1]!);
      const code = codes.get(text) ?? codes.size;
      if (code >= most) tell(row, text);
      codes.set(text, code);
      data[row] = code;
    }
    return data;
  });
  const dictionary: Vector = vectorFromArray([...codes.keys()], new Utf8());
  return batches.map(({ length, nullCount, nullBitmap }, batch) => {
    const data = narrowed(indices[batch]!, type.indices.bitWidth);
    return makeData({ type, length, nullCount, nullBitmap, data, dictionary });
  });
}

function narrowed(codes: Int32Array, bitWidth: number): Int8Array | Int16Array | Int32Array {
  if (bitWidth === 8) return new Int8Array(codes);
  return bitWidth === 16 ? new Int16Array(codes) : codes;
}
