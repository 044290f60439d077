import { ColumnMetaData, integerOf, SizeStatistics, structOf } from "./footer-fields.js";
import { type ThriftStruct } from "./thrift-value.js";

/** Bytes that a value takes in memory, by the number of its physical type; of a text, those of its offset. */
const WIDTHS: readonly number[] = [
  1 / 8, // BOOLEAN
  4, // INT32
  8, // INT64
  8, // INT96
  4, // FLOAT
  8, // DOUBLE
  4, // BYTE_ARRAY
  1, // FIXED_LEN_BYTE_ARRAY: at least
];

/**
 * Bytes that the values of a chunk take at least, once decoded, without the texts themselves: pages that repeat few values
 * say it of gigabytes in a few bytes.
 *
 * @param metaData - The chunk's.
 * @see https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */
export function valueBytes(metaData: ThriftStruct): number {
  const width = WIDTHS[integerOf(metaData, ColumnMetaData.type)] ?? 1;
  return Math.ceil(width * integerOf(metaData, ColumnMetaData.values));
}

/** Bytes of the texts of a chunk, each as often as it occurs, where the writer has told them; else 0. */
export function textBytes(metaData: ThriftStruct): number {
  if (!metaData.has(ColumnMetaData.sizeStatistics)) return 0;
  const statistics = structOf(metaData, ColumnMetaData.sizeStatistics);
  return statistics.has(SizeStatistics.byteArrayBytes)
    ? integerOf(statistics, SizeStatistics.byteArrayBytes)
    : 0;
}
