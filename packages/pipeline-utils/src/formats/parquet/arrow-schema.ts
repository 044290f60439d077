import { DataType, Dictionary, Schema, Table, tableFromIPC, tableToIPC, Utf8 } from "apache-arrow";
import { withLeafTypes } from "../arrow-leaves.js";
import {
  FILE_META_DATA,
  KEY_VALUE,
  structList,
  structListField,
  textField,
  withFields,
} from "./footer-fields.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { THRIFT_TYPES } from "./thrift.js";
import type { ThriftStruct } from "./thrift.js";

/** Writers keep the Arrow schema under this key, in base64. It restores types that Parquet does not have. */
const ARROW_SCHEMA_KEY = "ARROW:schema";
/** Precedes the length of an IPC message since version 0.15. */
const CONTINUATION_MARKER = -1;

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
export function withArrowFields(
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
