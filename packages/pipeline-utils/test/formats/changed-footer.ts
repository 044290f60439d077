import {
  ColumnChunk,
  FileMetaData,
  listOf,
  RowGroup,
  structOf,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { type Footer, footerBytes, footerOf } from "../../src/formats/parquet/footer.js";
import { type ThriftStruct } from "../../src/formats/parquet/thrift-value.js";

type Changes = Parameters<typeof withFields>[1];

/** A Parquet file with another footer. */
export function changedFooter(bytes: Uint8Array, change: (footer: Footer) => ThriftStruct): Buffer {
  const { footer, start } = footerOf(bytes);
  return Buffer.concat([bytes.subarray(0, start), footerBytes(change(footer))]);
}

/** A Parquet file whose footer tells other things of the row groups. */
export function changedGroups(bytes: Uint8Array, changes: Changes): Buffer {
  return changedFooter(bytes, ({ struct, rowGroups }) =>
    withFields(struct, {
      [FileMetaData.rowGroups]: listOf(rowGroups.map((group) => withFields(group.struct, changes))),
    }),
  );
}

/** A Parquet file whose footer tells other things of the columns of each row group. */
export function changedColumns(bytes: Uint8Array, changes: Changes): Buffer {
  return changedFooter(bytes, ({ struct, rowGroups }) =>
    withFields(struct, {
      [FileMetaData.rowGroups]: listOf(
        rowGroups.map((group) =>
          withFields(group.struct, {
            [RowGroup.columns]: listOf(
              group.chunks.map((chunk) =>
                withFields(chunk.struct, {
                  [ColumnChunk.metaData]: withFields(structOf(chunk.struct, ColumnChunk.metaData), changes),
                }),
              ),
            ),
          }),
        ),
      ),
    }),
  );
}
