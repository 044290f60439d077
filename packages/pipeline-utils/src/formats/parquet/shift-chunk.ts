import { ColumnChunk, ColumnMetaData, structOf, withFields } from "./footer-fields.js";
import { type ThriftStruct, type ThriftValue } from "./thrift-value.js";

/** The footer's entry of a chunk whose bytes, and those of its indices, have moved. */
export function shiftChunk(chunk: ThriftStruct, by: number): ThriftStruct {
  const metaData = structOf(chunk, ColumnChunk.metaData);
  const { dataPageOffset, indexPageOffset, dictionaryPageOffset, bloomFilterOffset } = ColumnMetaData;
  const { fileOffset, offsetIndexOffset, columnIndexOffset } = ColumnChunk;
  return withFields(shifted(chunk, [fileOffset, offsetIndexOffset, columnIndexOffset], by), {
    [ColumnChunk.metaData]: shifted(
      metaData,
      [dataPageOffset, indexPageOffset, dictionaryPageOffset, bloomFilterOffset],
      by,
    ),
  });
}

/** The footer's entry of a chunk of which the pages alone were taken along. */
export function withoutIndices(chunk: ThriftStruct): ThriftStruct {
  const metaData = structOf(chunk, ColumnChunk.metaData);
  return withFields(chunk, {
    [ColumnChunk.offsetIndexOffset]: undefined,
    [ColumnChunk.offsetIndexLength]: undefined,
    [ColumnChunk.columnIndexOffset]: undefined,
    [ColumnChunk.columnIndexLength]: undefined,
    [ColumnChunk.metaData]: withFields(metaData, {
      [ColumnMetaData.indexPageOffset]: undefined,
      [ColumnMetaData.bloomFilterOffset]: undefined,
      [ColumnMetaData.bloomFilterLength]: undefined,
    }),
  });
}

/** An offset of 0 says that there is nothing, and stays. */
function shifted(struct: ThriftStruct, ids: readonly number[], by: number): ThriftStruct {
  const changes: Record<number, ThriftValue> = {};
  for (const id of ids) {
    const value = struct.get(id)?.value;
    if (typeof value === "bigint" && value !== 0n) changes[id] = value + BigInt(by);
  }
  return withFields(struct, changes);
}
