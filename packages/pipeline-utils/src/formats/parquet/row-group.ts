import type { ByteRanges } from "./byte-ranges.js";
import {
  COLUMN_CHUNK,
  COLUMN_META_DATA,
  FILE_META_DATA,
  ROW_GROUP,
  structField,
  structList,
  withFields,
} from "./footer-fields.js";
import { footerBytes, MAGIC } from "./footer.js";
import type { ColumnChunk, RowGroup } from "./footer.js";
import type { ThriftStruct, ThriftValue } from "./thrift.js";

/** Rows of a row group, and of a batch read from one. The decoder's own default of 1,024 is 2 to 3 times slower. */
export const ROW_GROUP_ROWS = 131_072;

/**
 * Approximate bytes of the rows in a row group that is written. Encoding a row group takes some ten times as much
 * memory.
 */
export const ROW_GROUP_BYTES = 2 ** 27;

/**
 * Make a Parquet file of its own from one row group.
 *
 * The decoder takes a whole file into its memory, and this way never holds more than a row group. A small file also
 * allows the decoder's synchronous call, whose errors are exceptions. In its asynchronous reading by ranges, a damaged
 * file ends the process with an exception that nothing can catch.
 *
 * @param footer - The footer of the file, of the selected columns.
 * @param group - The row group, of the selected columns; undefined for the schema alone.
 */
export async function extractRowGroup(
  source: ByteRanges,
  footer: ThriftStruct,
  group?: RowGroup,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [Buffer.from(MAGIC)];
  let offset = MAGIC.length;
  const moved: ThriftStruct[] = [];
  const chunks = group?.chunks ?? [];
  for (const { start, length, struct } of chunks) {
    moved.push(shiftChunk(withoutIndices(struct), offset - start));
    offset += length;
  }
  for (const [start, end] of joinedRanges(chunks)) {
    parts.push(await source.read(start, end));
  }
  const struct = withFields(footer, {
    [FILE_META_DATA.rows]: BigInt(group?.rows ?? 0),
    [FILE_META_DATA.rowGroups]: structList(group === undefined ? [] : [withoutPlaces(group.struct, moved)]),
  });
  return Buffer.concat([...parts, footerBytes(struct)]);
}

/** The ranges of chunks; adjacent ones are joined. */
function joinedRanges(chunks: readonly ColumnChunk[]): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  for (const { start, length } of chunks) {
    const last = ranges.at(-1);
    if (last?.[1] === start) {
      last[1] += length;
    } else {
      ranges.push([start, start + length]);
    }
  }
  return ranges;
}

function withoutPlaces(group: ThriftStruct, chunks: readonly ThriftStruct[]): ThriftStruct {
  return withFields(group, {
    [ROW_GROUP.columns]: structList(chunks),
    [ROW_GROUP.sortingColumns]: undefined,
    [ROW_GROUP.fileOffset]: undefined,
    [ROW_GROUP.ordinal]: undefined,
  });
}

/** The footer's entry of a chunk, of which only the pages were copied. */
function withoutIndices(chunk: ThriftStruct): ThriftStruct {
  const metaData = structField(chunk, COLUMN_CHUNK.metaData);
  const dictionaryOffset = metaData.get(COLUMN_META_DATA.dictionaryPageOffset)?.value;
  return withFields(chunk, {
    [COLUMN_CHUNK.offsetIndexOffset]: undefined,
    [COLUMN_CHUNK.offsetIndexLength]: undefined,
    [COLUMN_CHUNK.columnIndexOffset]: undefined,
    [COLUMN_CHUNK.columnIndexLength]: undefined,
    [COLUMN_CHUNK.metaData]: withFields(metaData, {
      [COLUMN_META_DATA.indexPageOffset]: undefined,
      // The decoder would read a dictionary at the offset 0, by which some writers mean that there is none.
      [COLUMN_META_DATA.dictionaryPageOffset]: dictionaryOffset === 0n ? undefined : dictionaryOffset,
      [COLUMN_META_DATA.bloomFilterOffset]: undefined,
      [COLUMN_META_DATA.bloomFilterLength]: undefined,
    }),
  });
}

/**
 * The footer's entry of a row group whose bytes were moved into another file.
 *
 * @param by - Bytes by which the row group moved towards the end.
 * @param ordinal - Index of the row group in the other file.
 */
export function movedRowGroup({ struct, chunks }: RowGroup, by: number, ordinal: number): ThriftStruct {
  const fileOffset = struct.get(ROW_GROUP.fileOffset)?.value;
  return withFields(struct, {
    [ROW_GROUP.columns]: structList(chunks.map((chunk) => shiftChunk(chunk.struct, by))),
    [ROW_GROUP.ordinal]: BigInt(ordinal),
    [ROW_GROUP.fileOffset]: typeof fileOffset === "bigint" ? fileOffset + BigInt(by) : undefined,
  });
}

/** The footer's entry of a chunk whose bytes, and those of its indices, have moved. */
function shiftChunk(chunk: ThriftStruct, by: number): ThriftStruct {
  const metaData = structField(chunk, COLUMN_CHUNK.metaData);
  const { dataPageOffset, indexPageOffset, dictionaryPageOffset, bloomFilterOffset } = COLUMN_META_DATA;
  const { fileOffset, offsetIndexOffset, columnIndexOffset } = COLUMN_CHUNK;
  return withFields(shiftOffsets(chunk, [fileOffset, offsetIndexOffset, columnIndexOffset], by), {
    [COLUMN_CHUNK.metaData]: shiftOffsets(
      metaData,
      [dataPageOffset, indexPageOffset, dictionaryPageOffset, bloomFilterOffset],
      by,
    ),
  });
}

/** An offset of 0 means that there is nothing to point to, and is kept. */
function shiftOffsets(struct: ThriftStruct, ids: readonly number[], by: number): ThriftStruct {
  const changes: Record<number, ThriftValue> = {};
  for (const id of ids) {
    const value = struct.get(id)?.value;
    if (typeof value === "bigint" && value !== 0n) {
      changes[id] = value + BigInt(by);
    }
  }
  return withFields(struct, changes);
}
