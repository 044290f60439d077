import { DataType, FixedSizeList, LargeList, List, Map_, Struct } from "apache-arrow";
import type { Data, Field, Schema } from "apache-arrow";
import { shownType } from "./shown.js";

// A leaf is a type, or its values, without children: a column, or the innermost parts of a nested one. Both Parquet and
// Arrow list the leaves depth first, so the same number finds a leaf in the schemas of both and in a batch.

/**
 * Fields in which the types without children are changed, at any depth.
 *
 * @param change - Called in the order of the file's leaves. Returns the type it was given if it changes none.
 * @returns The same array if nothing changed.
 */
export function withLeafTypes(
  fields: Schema["fields"],
  change: (type: DataType) => DataType,
): Schema["fields"] {
  const changed = fields.map((field) => withLeafType(field, change));
  return changed.every((field, index) => field === fields[index]) ? fields : changed;
}

function withLeafType<T extends DataType>(field: Field<T>, change: (type: DataType) => DataType): Field {
  const children = childrenOf(field.type);
  if (children.length === 0) {
    const type = change(field.type);
    return type === field.type ? field : field.clone({ type });
  }
  const changed = withLeafTypes(children, change);
  return changed === children ? field : field.clone({ type: withChildren(field.type, changed) });
}

/** The fields of a nested type. */
export function childrenOf(type: DataType): Schema["fields"] {
  return DataType.isDictionary(type) ? [] : ((type.children as Schema["fields"] | null) ?? []);
}

/**
 * A nested type with other fields.
 *
 * @throws {RangeError} The type is no list, map or struct.
 */
export function withChildren(type: DataType, children: Schema["fields"]): DataType {
  const [child] = children;
  if (DataType.isStruct(type)) {
    return new Struct(children);
  }
  if (child !== undefined && DataType.isList(type)) {
    return new List(child);
  }
  if (child !== undefined && DataType.isLargeList(type)) {
    return new LargeList(child);
  }
  if (child !== undefined && DataType.isFixedSizeList(type)) {
    return new FixedSizeList(type.listSize, child);
  }
  if (child !== undefined && DataType.isMap(type) && isEntries(child)) {
    return new Map_(child, type.keysSorted);
  }
  throw new RangeError(`a column has the type ${shownType(type)}, expected a list, a map or a struct`);
}

function isEntries(field: Field): field is Field<Struct<{ key: DataType; value: DataType }>> {
  return DataType.isStruct(field.type) && field.type.children.length === 2;
}

/** Finds the row of the batch in which the value of a leaf stands. */
export type RowOf = (index: number) => number;

/** The values of a leaf in a batch. */
export interface LeafData {
  readonly data: Data;
  readonly rowOf: RowOf;
}

/** The leaves of a batch. */
export function leavesOf(data: Data, rowOf: RowOf = (row) => row): readonly LeafData[] {
  if (childrenOf(data.type).length === 0) {
    return [{ data, rowOf }];
  }
  const childRow = rowOfChild(data, rowOf);
  return data.children.flatMap((child) => leavesOf(child, childRow));
}

/** Finds the row of a child's value by the row of its parent: a list has any count of values in a row. */
function rowOfChild(data: Data, rowOf: RowOf): RowOf {
  const { type } = data;
  if (DataType.isFixedSizeList(type)) {
    const { listSize } = type;
    return (index) => rowOf(Math.floor(index / listSize));
  }
  const offsets: unknown = data.valueOffsets;
  if (!(offsets instanceof Int32Array || offsets instanceof BigInt64Array)) {
    return rowOf;
  }
  return (index) => {
    let parent = 0;
    while (Number(offsets[parent + 1]) <= index) {
      parent++;
    }
    return rowOf(parent);
  };
}
