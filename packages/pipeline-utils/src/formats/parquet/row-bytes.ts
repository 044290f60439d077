import { type Data, type DataType, type RecordBatch, type Vector } from "apache-arrow";
import { isBoolData } from "../data-guards.js";

/** A dictionary page of the encoder has at most so many bytes: with more texts, each is written as often as it occurs. */
const MAX_DICTIONARY_BYTES = 2 ** 20;
/** Of a text beside its bytes, and of the index of one in a dictionary. */
const INTEGER_BYTES = 4;

/** Bytes that the rows of a batch take in pages before compression, nearly. */
export function bytesOfRows({ data }: RecordBatch): number {
  return sumOfBytes(data.children);
}

function sumOfBytes(columns: readonly Data[]): number {
  return columns.reduce((sum, column) => sum + bytesOf(column), 0);
}

function bytesOf(data: Data): number {
  const { length, children } = data;
  const dictionary: Vector<DataType> | undefined = data.dictionary;
  if (dictionary !== undefined) {
    const bytes = sumOfBytes(dictionary.data);
    return length * (bytes > MAX_DICTIONARY_BYTES ? bytes / dictionary.length : INTEGER_BYTES);
  }
  const offsets: unknown = data.valueOffsets;
  if (offsets instanceof Int32Array || offsets instanceof BigInt64Array) {
    const items: Data | undefined = children[0];
    const count = Number(offsets[length]) - Number(offsets[0]);
    if (items === undefined) return count + length * INTEGER_BYTES;
    return items.length > 0 ? (bytesOf(items) / items.length) * count : 0;
  }
  if (children.length > 0) return sumOfBytes(children);
  return length * (isBoolData(data) ? 1 / 8 : data.stride * elementBytes(data.values));
}

/** Bytes of an element of a typed array; 0 for the values of a Null column, which are none. */
function elementBytes(values: unknown): number {
  return ArrayBuffer.isView(values) && "BYTES_PER_ELEMENT" in values ? Number(values.BYTES_PER_ELEMENT) : 0;
}
