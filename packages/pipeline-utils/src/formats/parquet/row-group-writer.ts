import { DataType, Table, tableToIPC } from "apache-arrow";
import type { Data, Date_, Duration, Float, Int, RecordBatch, Time, Timestamp, Vector } from "apache-arrow";
import { isBoolData, nullTest } from "../arrow-data.js";
import type { ParquetCompression } from "../options.js";
import { encodableBatch } from "./encodable-batches.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { ROW_GROUP_ROWS } from "./row-group.js";

/** Maximum rows of a group. */
export interface GroupSize {
  readonly rows: number;
  /** Maximum bytes of a group, approximately. A single larger row is a group of its own. */
  readonly bytes: number;
}

/**
 * Cut and join batches to groups as large as possible. If there are no rows at all, a batch without rows is a group.
 */
export async function* groupRows(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  maxGroup: GroupSize,
): AsyncIterable<RecordBatch[]> {
  let group: RecordBatch[] = [];
  let left = maxGroup;
  let empty: RecordBatch | undefined;
  let hasRows = false;
  for await (const batch of batches) {
    empty ??= batch;
    for (let start = 0; start < batch.numRows;) {
      const rest = sliceRows(batch, start, batch.numRows);
      const count = rowsThatFit(rest, left) || (group.length === 0 ? 1 : 0);
      if (count > 0) {
        const taken = sliceRows(rest, 0, count);
        group.push(taken);
        left = { rows: left.rows - count, bytes: left.bytes - batchBytes(taken) };
        start += count;
        hasRows = true;
      }
      const isFull = start < batch.numRows || left.rows === 0;
      if (isFull) {
        yield group;
        group = [];
        left = maxGroup;
      }
    }
  }
  if (group.length > 0) {
    yield group;
  } else if (!hasRows && empty !== undefined) {
    yield [empty];
  }
}

/** How many of the first rows of a batch fit in a group. */
function rowsThatFit(batch: RecordBatch, { rows, bytes }: GroupSize): number {
  const fits = (count: number): boolean => batchBytes(sliceRows(batch, 0, count)) <= bytes;
  let tooMany = Math.min(rows, batch.numRows);
  if (fits(tooMany)) {
    return tooMany;
  }
  let fitting = 0;
  while (tooMany - fitting > 1) {
    const middle = (fitting + tooMany) >> 1;
    if (fits(middle)) {
      fitting = middle;
    } else {
      tooMany = middle;
    }
  }
  return fitting;
}

function sliceRows(batch: RecordBatch, start: number, end: number): RecordBatch {
  return start === 0 && end === batch.numRows ? batch : batch.slice(start, end);
}

/** Limit of the encoder's dictionary page. If the texts have more bytes, each is written as often as it occurs. */
const MAX_DICTIONARY_BYTES = 2 ** 20;
/** Bytes of the length before each text, and of an index into a dictionary. */
const INTEGER_BYTES = 4;

/** Approximate bytes of a batch's rows in pages before compression. */
export function batchBytes({ data }: RecordBatch): number {
  return columnsBytes(data.children);
}

function columnsBytes(columns: readonly Data[]): number {
  return columns.reduce((sum, column) => sum + columnBytes(column), 0);
}

function columnBytes(data: Data): number {
  const { length, children } = data;
  const dictionary: Vector<DataType> | undefined = data.dictionary;
  if (dictionary !== undefined) {
    const bytes = columnsBytes(dictionary.data);
    return length * (bytes > MAX_DICTIONARY_BYTES ? bytes / dictionary.length : INTEGER_BYTES);
  }
  const offsets: unknown = data.valueOffsets;
  if (offsets instanceof Int32Array || offsets instanceof BigInt64Array) {
    const items: Data | undefined = children[0];
    const count = Number(offsets[length]) - Number(offsets[0]);
    if (items === undefined) {
      return count + length * INTEGER_BYTES;
    }
    return items.length > 0 ? (columnBytes(items) / items.length) * count : 0;
  }
  if (children.length > 0) {
    return columnsBytes(children);
  }
  return length * (isBoolData(data) ? 1 / 8 : data.stride * elementBytes(data.values));
}

/** Bytes of an element of a typed array; 0 for a Null column, which has no values. */
function elementBytes(values: unknown): number {
  return ArrayBuffer.isView(values) && "BYTES_PER_ELEMENT" in values ? Number(values.BYTES_PER_ELEMENT) : 0;
}

/** Encode batches of at most one row group as a Parquet file of their own. */
export function encodeRowGroup(batches: readonly RecordBatch[], compression: ParquetCompression): Uint8Array {
  const table = new Table(batches.map(encodableBatch));
  const stream = tableToIPC(table, "stream");
  return withParquetWasm((parquet) => {
    const { SNAPPY, ZSTD } = parquet.Compression;
    let properties = new parquet.WriterPropertiesBuilder()
      .setCompression(compression === "zstd" ? ZSTD : SNAPPY)
      .setMaxRowGroupSize(ROW_GROUP_ROWS);
    for (const [index, { name }] of table.schema.fields.entries()) {
      const parts = table.batches.map(({ data }) => data.children[index]!);
      if (isMostlyDistinct(parts)) {
        properties = properties.setColumnDictionaryEnabled(name, false);
      }
    }
    return parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties.build());
  });
}

/**
 * Values in the sample, taken as pairs of neighbours. A sorted column may repeat each value in consecutive rows, and
 * single values far apart would then all differ.
 */
const SAMPLE_VALUES = 1024;
/** A smaller sample, from a short column or one with many nulls, proves nothing. */
const MIN_SAMPLE_VALUES = 512;
/** Share of distinct values in the sample of a column with 131,072 values, about 50,000 of them distinct. */
const MIN_DISTINCT_SHARE = 0.99;

/**
 * Whether nearly all values of a column of numbers or times differ, judged by a sample of its rows.
 *
 * A dictionary of such values costs work and bytes. In the narrow file of the benchmark, it took a third of the CPU
 * seconds and a fifth of the bytes. The answer is false for other types: for texts that all differ, a file without a
 * dictionary is no smaller.
 *
 * @param parts - All of the column's data.
 */
export function isMostlyDistinct(parts: readonly Data[]): boolean {
  const rows = parts.reduce((sum, { length }) => sum + length, 0);
  const step = 2 * Math.ceil(rows / SAMPLE_VALUES);
  const seen = new Set<number | bigint | undefined>();
  let count = 0;
  for (const part of parts) {
    if (!isNumericData(part)) {
      return false;
    }
    const isNull = nullTest(part);
    for (let row = 0; row < part.length; row += row % step === 0 ? 1 : step - 1) {
      if (isNull?.(row) !== true) {
        seen.add(part.values[row]);
        count++;
      }
    }
  }
  return count >= MIN_SAMPLE_VALUES && seen.size > count * MIN_DISTINCT_SHARE;
}

/** Whether each row has one number in JavaScript. */
function isNumericData(data: Data): data is Data<Float | Int | Date_ | Timestamp | Time | Duration> {
  const type: DataType = data.type;
  return (
    DataType.isFloat(type) ||
    DataType.isInt(type) ||
    DataType.isDate(type) ||
    DataType.isTimestamp(type) ||
    DataType.isTime(type) ||
    DataType.isDuration(type)
  );
}
