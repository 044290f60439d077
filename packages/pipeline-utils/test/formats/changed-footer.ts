import {
  COLUMN_CHUNK,
  FILE_META_DATA,
  structList,
  ROW_GROUP,
  structField,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { footerBytes, footerOf } from "../../src/formats/parquet/footer.js";
import type { Footer } from "../../src/formats/parquet/footer.js";
import type { ThriftStruct } from "../../src/formats/parquet/thrift.js";

type Changes = Parameters<typeof withFields>[1];

/** A Parquet file with its footer changed. */
export function changedFooter(bytes: Uint8Array, change: (footer: Footer) => ThriftStruct): Buffer {
  const { footer, start } = footerOf(bytes);
  return Buffer.concat([bytes.subarray(0, start), footerBytes(change(footer))]);
}

/** A Parquet file with fields of the row groups changed in its footer. */
export function changedGroups(bytes: Uint8Array, changes: Changes): Buffer {
  return changedFooter(bytes, ({ struct, rowGroups }) =>
    withFields(struct, {
      [FILE_META_DATA.rowGroups]: structList(rowGroups.map((group) => withFields(group.struct, changes))),
    }),
  );
}

/** A Parquet file with fields of all column chunks changed in its footer. */
export function changedColumns(bytes: Uint8Array, changes: Changes): Buffer {
  return changedFooter(bytes, ({ struct, rowGroups }) =>
    withFields(struct, {
      [FILE_META_DATA.rowGroups]: structList(
        rowGroups.map((group) =>
          withFields(group.struct, {
            [ROW_GROUP.columns]: structList(
              group.chunks.map((chunk) =>
                withFields(chunk.struct, {
                  [COLUMN_CHUNK.metaData]: withFields(
                    structField(chunk.struct, COLUMN_CHUNK.metaData),
                    changes,
                  ),
                }),
              ),
            ),
          }),
        ),
      ),
    }),
  );
}
