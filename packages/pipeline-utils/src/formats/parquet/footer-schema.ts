import { DataType, Dictionary, Schema, Table, tableFromIPC, tableToIPC, Utf8 } from "apache-arrow";
import { withLeafTypes } from "../arrow-leaves.js";
import {
  FILE_META_DATA,
  integerField,
  KEY_VALUE,
  SCHEMA_ELEMENT,
  structList,
  structListField,
  textField,
  withFields,
} from "./footer-fields.js";
import type { Footer } from "./footer.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { THRIFT_TYPES } from "./thrift.js";
import type { ThriftStruct, ThriftValue } from "./thrift.js";

/** Writers keep the Arrow schema under this key, in base64. It restores types that Parquet does not have. */
const ARROW_SCHEMA_KEY = "ARROW:schema";
/** Precedes the length of an IPC message since version 0.15. */
const CONTINUATION_MARKER = -1;
/** How parquet-cpp annotated columns of nulls before the format had a type for them. */
const NULLS_CONVERTED_TYPE = 24n;

/**
 * A footer without annotations that the decoder rejects. A column of nulls thereby has its physical type.
 *
 * @see https://github.com/apache/arrow/blob/apache-arrow-17.0.0/cpp/src/parquet/types.h
 */
export function withDecodableElements(footer: ThriftStruct): ThriftStruct {
  const elements = structListField(footer, FILE_META_DATA.schema).map((element) =>
    element.get(SCHEMA_ELEMENT.convertedType)?.value === NULLS_CONVERTED_TYPE
      ? withFields(element, { [SCHEMA_ELEMENT.convertedType]: undefined })
      : element,
  );
  return withFields(footer, { [FILE_META_DATA.schema]: structList(elements) });
}

/** A footer of some columns only. */
export function selectColumns({ struct, rows, rowGroups }: Footer, columns: ReadonlySet<string>): Footer {
  return {
    struct: withSelectedSchema(struct, columns),
    rows,
    rowGroups: rowGroups.map((group) => ({
      ...group,
      chunks: group.chunks.filter(({ column }) => columns.has(column)),
    })),
  };
}

/** A footer with the schema of some columns, and its row groups unchanged. */
function withSelectedSchema(footer: ThriftStruct, columns: ReadonlySet<string>): ThriftStruct {
  const [root, ...elements] = structListField(footer, FILE_META_DATA.schema);
  if (root === undefined) {
    throw new RangeError("the schema is empty");
  }
  const selected: ThriftStruct[] = [];
  const isLeafSelected: boolean[] = [];
  let count = 0;
  for (const { name, subtree } of columnSubtrees(elements)) {
    const isSelected = columns.has(name);
    isLeafSelected.push(...subtree.filter(isLeaf).map(() => isSelected));
    if (isSelected) {
      selected.push(...subtree);
      count++;
    }
  }
  const changed = withFields(footer, {
    [FILE_META_DATA.schema]: structList([
      withFields(root, { [SCHEMA_ELEMENT.children]: BigInt(count) }),
      ...selected,
    ]),
    ...selectedOrders(footer, isLeafSelected),
  });
  return withArrowFields(changed, (fields) => fields.filter(({ name }) => columns.has(name)));
}

/** The elements of a column, depth first. */
interface ColumnSubtree {
  readonly name: string;
  readonly subtree: readonly ThriftStruct[];
}

/** @param elements - The schema without its root. */
function columnSubtrees(elements: readonly ThriftStruct[]): readonly ColumnSubtree[] {
  const columns: ColumnSubtree[] = [];
  for (let at = 0; at < elements.length;) {
    const subtree = elements.slice(at, at + subtreeSize(elements, at));
    const [top] = subtree;
    if (top !== undefined) {
      columns.push({ name: textField(top, SCHEMA_ELEMENT.name), subtree });
    }
    at += subtree.length;
  }
  return columns;
}

/** Count of an element and everything below it. The schema lists elements depth first. */
function subtreeSize(elements: readonly ThriftStruct[], start: number): number {
  let at = start;
  for (let open = 1; open > 0; at++) {
    const element = elements[at];
    if (element === undefined) {
      throw new RangeError("the schema ends too early");
    }
    open += childCount(element) - 1;
  }
  return at - start;
}

function childCount(element: ThriftStruct): number {
  return element.has(SCHEMA_ELEMENT.children) ? integerField(element, SCHEMA_ELEMENT.children) : 0;
}

/** Whether an element has values of its own. A group has none, not even one without fields. */
function isLeaf(element: ThriftStruct): boolean {
  return element.has(SCHEMA_ELEMENT.type);
}

/** A group without fields, and the column that it belongs to. */
export interface EmptyGroup {
  readonly column: string;
  readonly group: string;
}

/** The groups without fields. A file has no values of them, not even which of them are null. */
export function emptyGroups(footer: ThriftStruct): readonly EmptyGroup[] {
  const elements = structListField(footer, FILE_META_DATA.schema).slice(1);
  return columnSubtrees(elements).flatMap(({ name: column, subtree }) =>
    subtree
      .filter((element) => !isLeaf(element) && childCount(element) === 0)
      .map((element) => ({ column, group: textField(element, SCHEMA_ELEMENT.name) })),
  );
}

/** The number of a leaf's physical type, and the column that it belongs to. */
export interface LeafType {
  readonly column: string;
  readonly type: number;
}

/** The types of the leaves, in the order of the file. */
export function leafTypes(footer: ThriftStruct): readonly LeafType[] {
  const elements = structListField(footer, FILE_META_DATA.schema).slice(1);
  return columnSubtrees(elements).flatMap(({ name: column, subtree }) =>
    subtree.filter(isLeaf).map((leaf) => ({ column, type: integerField(leaf, SCHEMA_ELEMENT.type) })),
  );
}

/** How the statistics of each leaf are ordered: one entry for each leaf. */
function selectedOrders(
  footer: ThriftStruct,
  isLeafSelected: readonly boolean[],
): Record<number, ThriftValue> {
  if (!footer.has(FILE_META_DATA.columnOrders)) {
    return {};
  }
  const orders = structListField(footer, FILE_META_DATA.columnOrders).filter(
    (_, leaf) => isLeafSelected[leaf],
  );
  return { [FILE_META_DATA.columnOrders]: structList(orders) };
}

/**
 * A footer whose Arrow schema, if it has one, uses only types that the decoder supports.
 *
 * Polars stores its categories in dictionaries of Utf8View, which become dictionaries of Utf8. The file's data stays
 * valid: Parquet has one type of text, and the Arrow schema only says how to represent it.
 */
export function withDecodableTypes(footer: ThriftStruct): ThriftStruct {
  return withArrowFields(footer, (fields) => withLeafTypes(fields, decodableType));
}

/**
 * A footer with other fields in its Arrow schema, if it has one.
 *
 * @param change - Returns the fields it was given if it changes none.
 */
function withArrowFields(
  footer: ThriftStruct,
  change: (fields: Schema["fields"]) => Schema["fields"],
): ThriftStruct {
  if (!footer.has(FILE_META_DATA.keyValues)) {
    return footer;
  }
  const entries = structListField(footer, FILE_META_DATA.keyValues).map((entry) => {
    if (!isArrowSchema(entry)) {
      return entry;
    }
    const schema = parseArrowSchema(Buffer.from(textField(entry, KEY_VALUE.value), "base64"));
    const fields = change(schema.fields);
    if (fields === schema.fields) {
      return entry;
    }
    return withFields(entry, { [KEY_VALUE.value]: schemaText(new Schema(fields, schema.metadata)) });
  });
  return withFields(footer, { [FILE_META_DATA.keyValues]: structList(entries) });
}

/** A footer with another Arrow schema, or with one if it had none. It must name every column of the footer. */
export function withArrowSchema(footer: ThriftStruct, schema: Schema): ThriftStruct {
  const entries = footer.has(FILE_META_DATA.keyValues)
    ? structListField(footer, FILE_META_DATA.keyValues).filter((entry) => !isArrowSchema(entry))
    : [];
  const entry: ThriftStruct = new Map([
    [KEY_VALUE.key, { type: THRIFT_TYPES.BINARY, value: Buffer.from(ARROW_SCHEMA_KEY) }],
    [KEY_VALUE.value, { type: THRIFT_TYPES.BINARY, value: schemaText(schema) }],
  ]);
  const value = structList([...entries, entry]);
  return new Map([...footer, [FILE_META_DATA.keyValues, { type: THRIFT_TYPES.LIST, value }]]);
}

/** Whether the footer has an Arrow schema. */
export function hasArrowSchema(footer: ThriftStruct): boolean {
  return (
    footer.has(FILE_META_DATA.keyValues) &&
    structListField(footer, FILE_META_DATA.keyValues).some(isArrowSchema)
  );
}

function isArrowSchema(entry: ThriftStruct): boolean {
  return textField(entry, KEY_VALUE.key) === ARROW_SCHEMA_KEY;
}

function schemaText(schema: Schema): Buffer {
  return Buffer.from(Buffer.from(tableToIPC(new Table(schema), "stream")).toString("base64"));
}

/**
 * Parse the Arrow schema of a footer.
 *
 * The decoder's library checks the message and writes it anew first. Arrow for JavaScript trusts the lengths in a
 * message, so one flipped bit could make it fill the memory.
 *
 * @see https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
function parseArrowSchema(message: Buffer): Schema {
  const start = message.readInt32LE() === CONTINUATION_MARKER ? 4 : 0;
  const length = message.readInt32LE(start);
  // The decoder would allocate this much memory before it notices that the bytes are missing.
  if (length > message.length) {
    throw new RangeError(`an Arrow schema of ${length} bytes cannot fit in ${message.length}`);
  }
  const checked = withParquetWasm((parquet) => parquet.Table.fromIPCStream(message).intoIPCStream());
  return tableFromIPC(checked).schema;
}

function decodableType(type: DataType): DataType {
  if (!DataType.isDictionary(type)) {
    return type;
  }
  const { indices, id, isOrdered } = type;
  return DataType.isUtf8View(type.dictionary) ? new Dictionary(new Utf8(), indices, id, isOrdered) : type;
}
