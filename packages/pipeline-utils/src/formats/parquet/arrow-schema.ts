import { Schema, Table, tableFromIPC, tableToIPC } from "apache-arrow";
import { withParquetWasm } from "./parquet-wasm.js";
import { FileMetaData, KeyValue, listOf, structsOf, textOf, withFields } from "./footer-fields.js";
import { type ThriftStruct } from "./thrift-value.js";

/** Under this key writers keep the Arrow schema, in base64, from which types that Parquet has not are known again. */
const ARROW_SCHEMA = "ARROW:schema";
/** Stands before the length of a message, but in those of versions before 0.15. */
const CONTINUATION = -1;

/**
 * A footer whose Arrow schema, where it has one, has other fields.
 *
 * @param change - Gives the fields; the ones it was given for no change.
 */
export function withArrowFields(
  footer: ThriftStruct,
  change: (fields: Schema["fields"]) => Schema["fields"],
): ThriftStruct {
  if (!footer.has(FileMetaData.keyValues)) return footer;
  const entries = structsOf(footer, FileMetaData.keyValues).map((entry) => {
    if (textOf(entry, KeyValue.key) !== ARROW_SCHEMA) return entry;
    const schema = parsedSchema(Buffer.from(textOf(entry, KeyValue.value), "base64"));
    const fields = change(schema.fields);
    if (fields === schema.fields) return entry;
    const message = tableToIPC(new Table(new Schema(fields, schema.metadata)), "stream");
    return withFields(entry, { [KeyValue.value]: Buffer.from(Buffer.from(message).toString("base64")) });
  });
  return withFields(footer, { [FileMetaData.keyValues]: listOf(entries) });
}

/**
 * The schema of a message in a file, as the decoder's library, which checks it, writes it anew: Arrow's own for JavaScript believes
 * what a message says, and fills the memory for a flipped bit.
 *
 * @see https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
function parsedSchema(message: Buffer): Schema {
  const start = message.readInt32LE() === CONTINUATION ? 4 : 0;
  const length = message.readInt32LE(start);
  // As much memory would be taken before it is seen that the bytes are not there.
  if (length > message.length)
    throw new RangeError(`a schema of ${length} bytes stands in ${message.length}`);
  const checked = withParquetWasm((parquet) => parquet.Table.fromIPCStream(message).intoIPCStream());
  return tableFromIPC(checked).schema;
}
