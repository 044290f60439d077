import { Schema, Table, tableFromIPC, tableToIPC } from "apache-arrow";
import { withParquetWasm } from "./parquet-wasm.js";
import { FileMetaData, KeyValue, listOf, structsOf, textOf, withFields } from "./footer-fields.js";
import { type ThriftStruct } from "./thrift-value.js";

/** Under this key writers keep the Arrow schema, in base64, from which types that Parquet has not are known again. */
const ARROW_SCHEMA = "ARROW:schema";

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
 */
function parsedSchema(message: Uint8Array): Schema {
  const checked = withParquetWasm((parquet) => parquet.Table.fromIPCStream(message).intoIPCStream());
  return tableFromIPC(checked).schema;
}
