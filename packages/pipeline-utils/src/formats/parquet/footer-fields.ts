import { THRIFT_TYPES } from "./thrift.js";
import type { ThriftStruct, ThriftValue } from "./thrift.js";

// The ids of the fields that are read or changed here, by the names of their structs in the format's definition:
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

export const FILE_META_DATA = { schema: 2, rows: 3, rowGroups: 4, keyValues: 5, columnOrders: 7 } as const;
export const SCHEMA_ELEMENT = { type: 1, name: 4, children: 5, convertedType: 6 } as const;
export const KEY_VALUE = { key: 1, value: 2 } as const;
export const ROW_GROUP = { columns: 1, rows: 3, sortingColumns: 4, fileOffset: 5, ordinal: 7 } as const;
export const COLUMN_CHUNK = {
  fileOffset: 2,
  metaData: 3,
  offsetIndexOffset: 4,
  offsetIndexLength: 5,
  columnIndexOffset: 6,
  columnIndexLength: 7,
} as const;
export const COLUMN_META_DATA = {
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
export const SIZE_STATISTICS = { byteArrayBytes: 1 } as const;
export const PAGE_HEADER = { uncompressedSize: 2, compressedSize: 3, dataPage: 5, dataPageV2: 8 } as const;
/** The same in the headers of both kinds of data pages. */
export const DATA_PAGE_HEADER = { values: 1 } as const;

/** @throws {RangeError} The field is missing, negative, or above 2^53 - 1, up to which doubles hold all integers. */
export function integerField(struct: ThriftStruct, id: number): number {
  const value = struct.get(id)?.value;
  if (typeof value !== "bigint") {
    throw new RangeError(`field ${id} is missing, expected a number`);
  }
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`field ${id} is ${value}, expected a number from 0 to 2^53 - 1`);
  }
  return Number(value);
}

/** @throws {RangeError} The field is missing or is not a struct. */
export function structField(struct: ThriftStruct, id: number): ThriftStruct {
  const value = struct.get(id)?.value;
  if (value === undefined || !isStruct(value)) {
    throw new RangeError(`field ${id} is missing, expected a struct`);
  }
  return value;
}

/** @throws {RangeError} The field is missing or is not binary. */
export function textField(struct: ThriftStruct, id: number): string {
  const value = struct.get(id)?.value;
  if (!(value instanceof Uint8Array)) {
    throw new RangeError(`field ${id} is missing, expected a text`);
  }
  return Buffer.from(value).toString("utf8");
}

/** @throws {RangeError} The field is missing or is not a list. */
export function listField(struct: ThriftStruct, id: number): readonly ThriftValue[] {
  const value = struct.get(id)?.value;
  if (typeof value !== "object" || !("items" in value)) {
    throw new RangeError(`field ${id} is missing, expected a list`);
  }
  return value.items;
}

/** @throws {RangeError} The field is missing or is not a list of structs. */
export function structListField(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  return listField(struct, id).map((item) => {
    if (!isStruct(item)) {
      throw new RangeError(`field ${id} holds a value that is not a struct`);
    }
    return item;
  });
}

function isStruct(value: ThriftValue): value is ThriftStruct {
  return value instanceof Map;
}

/** A copy of a struct in which some of its fields have other values, or are removed where the change is undefined. */
export function withFields(
  struct: ThriftStruct,
  changes: Readonly<Record<number, ThriftValue | undefined>>,
): ThriftStruct {
  const changed = new Map(struct);
  for (const [key, value] of Object.entries(changes)) {
    const id = Number(key);
    const type = struct.get(id)?.type;
    if (value === undefined) {
      changed.delete(id);
    } else if (type !== undefined) {
      changed.set(id, { type, value });
    }
  }
  return changed;
}

/** A Thrift list of structs. */
export function structList(items: readonly ThriftStruct[]): ThriftValue {
  return { elementType: THRIFT_TYPES.STRUCT, items };
}
