import { type ThriftStruct, ThriftType, type ThriftValue } from "./thrift-value.js";

/**
 * The numbers of the fields of footers and page headers that are read or changed here.
 *
 * @see https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */
export const FileMetaData = { schema: 2, rows: 3, rowGroups: 4, keyValues: 5, columnOrders: 7 } as const;
export const SchemaElement = { name: 4, children: 5 } as const;
export const KeyValue = { key: 1, value: 2 } as const;
export const RowGroup = { columns: 1, rows: 3, sortingColumns: 4, fileOffset: 5, ordinal: 7 } as const;
export const ColumnChunk = {
  fileOffset: 2,
  metaData: 3,
  offsetIndexOffset: 4,
  offsetIndexLength: 5,
  columnIndexOffset: 6,
  columnIndexLength: 7,
} as const;
export const ColumnMetaData = {
  type: 1,
  path: 3,
  codec: 4,
  values: 5,
  uncompressedSize: 6,
  compressedSize: 7,
  dataPageOffset: 9,
  indexPageOffset: 10,
  dictionaryPageOffset: 11,
  bloomFilterOffset: 14,
  bloomFilterLength: 15,
  sizeStatistics: 16,
} as const;
export const SizeStatistics = { byteArrayBytes: 1 } as const;
export const PageHeader = { uncompressedSize: 2, compressedSize: 3, dataPage: 5, dataPageV2: 8 } as const;
/** Of the two kinds of headers of data pages. */
export const PageValues = { values: 1 } as const;

/** @throws {RangeError} The field is missing, negative, or more than a double holds. */
export function integerOf(struct: ThriftStruct, id: number): number {
  const value = struct.get(id)?.value;
  if (typeof value !== "bigint") throw new RangeError(`field ${id} is missing, expected a number`);
  if (value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new RangeError(`field ${id} is ${value}, expected a number from 0 to 2^53`);
}

/** @throws {RangeError} The field is missing or no list of structs. */
export function structsOf(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  return itemsOf(struct, id).map((item) => {
    if (isStruct(item)) return item;
    throw new RangeError(`field ${id} holds something else than structs`);
  });
}

/** @throws {RangeError} The field is missing or no struct. */
export function structOf(struct: ThriftStruct, id: number): ThriftStruct {
  const value = struct.get(id)?.value;
  if (value !== undefined && isStruct(value)) return value;
  throw new RangeError(`field ${id} is missing, expected a struct`);
}

/** @throws {RangeError} The field is missing or no bytes. */
export function textOf(struct: ThriftStruct, id: number): string {
  const value = struct.get(id)?.value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  throw new RangeError(`field ${id} is missing, expected a text`);
}

/** @throws {RangeError} The field is missing or no list. */
export function itemsOf(struct: ThriftStruct, id: number): readonly ThriftValue[] {
  const value = struct.get(id)?.value;
  if (typeof value === "object" && "items" in value) return value.items;
  throw new RangeError(`field ${id} is missing, expected a list`);
}

function isStruct(value: ThriftValue): value is ThriftStruct {
  return value instanceof Map;
}

/** A copy of a struct in which some fields have other values, or, for undefined, are left out. */
export function withFields(
  struct: ThriftStruct,
  changes: Readonly<Record<number, ThriftValue | undefined>>,
): ThriftStruct {
  const changed = new Map(struct);
  for (const [key, value] of Object.entries(changes)) {
    const id = Number(key);
    const type = struct.get(id)?.type;
    if (value === undefined) changed.delete(id);
    else if (type !== undefined) changed.set(id, { type, value });
  }
  return changed;
}

/** A list of structs. */
export function listOf(items: readonly ThriftStruct[]): ThriftValue {
  return { elementType: ThriftType.STRUCT, items };
}
