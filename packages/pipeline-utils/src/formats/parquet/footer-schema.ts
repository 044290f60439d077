import {
  DataType,
  Dictionary,
  FixedSizeList,
  LargeList,
  List,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
} from "apache-arrow";
import type { Field } from "apache-arrow";
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
import type { ThriftStruct, ThriftValue } from "./thrift.js";

/** Writers keep the Arrow schema under this key, in base64. It restores types that Parquet does not have. */
const ARROW_SCHEMA_KEY = "ARROW:schema";
/** Precedes the length of an IPC message since version 0.15. */
const CONTINUATION_MARKER = -1;

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
  for (let at = 0; at < elements.length;) {
    const subtree = elements.slice(at, at + subtreeSize(elements, at));
    const isSelected = columns.has(textField(subtree[0]!, SCHEMA_ELEMENT.name));
    const leaves = subtree.filter((element) => childCount(element) === 0);
    isLeafSelected.push(...leaves.map(() => isSelected));
    if (isSelected) {
      selected.push(...subtree);
      count++;
    }
    at += subtree.length;
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
  return withArrowFields(footer, decodableFields);
}

/** @param change - Returns the fields it was given if it changes none. */
function withArrowFields(
  footer: ThriftStruct,
  change: (fields: Schema["fields"]) => Schema["fields"],
): ThriftStruct {
  if (!footer.has(FILE_META_DATA.keyValues)) {
    return footer;
  }
  const entries = structListField(footer, FILE_META_DATA.keyValues).map((entry) => {
    if (textField(entry, KEY_VALUE.key) !== ARROW_SCHEMA_KEY) {
      return entry;
    }
    const schema = parseArrowSchema(Buffer.from(textField(entry, KEY_VALUE.value), "base64"));
    const fields = change(schema.fields);
    if (fields === schema.fields) {
      return entry;
    }
    const message = tableToIPC(new Table(new Schema(fields, schema.metadata)), "stream");
    return withFields(entry, { [KEY_VALUE.value]: Buffer.from(Buffer.from(message).toString("base64")) });
  });
  return withFields(footer, { [FILE_META_DATA.keyValues]: structList(entries) });
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

function decodableFields(fields: Schema["fields"]): Schema["fields"] {
  const changed = fields.map(decodableField);
  return changed.every((field, index) => field === fields[index]) ? fields : changed;
}

function decodableField<T extends DataType>(field: Field<T>): Field {
  const type = decodableType(field.type);
  return type === field.type ? field : field.clone({ type });
}

function decodableType(type: DataType): DataType {
  if (DataType.isDictionary(type)) {
    const { indices, id, isOrdered } = type;
    return DataType.isUtf8View(type.dictionary) ? new Dictionary(new Utf8(), indices, id, isOrdered) : type;
  }
  if (DataType.isStruct(type)) {
    const fields = decodableFields(type.children);
    return fields === type.children ? type : new Struct(fields);
  }
  return isListLike(type) ? decodableList(type) : type;
}

function isListLike(type: DataType): type is List | LargeList | FixedSizeList {
  return DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type);
}

function decodableList(type: List | LargeList | FixedSizeList): DataType {
  const item = decodableField(type.valueField);
  if (item === type.valueField) {
    return type;
  }
  if (DataType.isList(type)) {
    return new List(item);
  }
  return DataType.isLargeList(type) ? new LargeList(item) : new FixedSizeList(type.listSize, item);
}
