import { type ByteRanges } from "./byte-ranges.js";
import { type Chunk, footerBytes, MAGIC, type RowGroupEntry } from "./footer.js";
import { FileMetaData, listOf, RowGroup, withFields } from "./footer-fields.js";
import { shiftChunk, withoutIndices } from "./shift-chunk.js";
import { type ThriftStruct } from "./thrift-value.js";

/**
 * A Parquet file of its own of a row group.
 *
 * So the decoder, which takes a whole file into its memory, never holds more than a row group; and it can be called in a
 * way in which its faults are exceptions. (Its own reading by ranges is asynchronous: there, a damaged file stops the
 * process by an exception that no one can catch.)
 *
 * @param footer - The file's, of these columns.
 * @param group - The row group, of these columns; undefined for none, the schema alone.
 */
export async function extractRowGroup(
  source: ByteRanges,
  footer: ThriftStruct,
  group?: RowGroupEntry,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [Buffer.from(MAGIC)];
  let offset = MAGIC.length;
  const moved: ThriftStruct[] = [];
  const chunks = group?.chunks ?? [];
  for (const { start, length, struct } of chunks) {
    moved.push(shiftChunk(withoutIndices(struct), offset - start));
    offset += length;
  }
  for (const [start, end] of joinedRanges(chunks)) parts.push(await source.read(start, end));
  const struct = withFields(footer, {
    [FileMetaData.rows]: BigInt(group?.rows ?? 0),
    [FileMetaData.rowGroups]: listOf(group === undefined ? [] : [withoutPlaces(group.struct, moved)]),
  });
  return Buffer.concat([...parts, footerBytes(struct)]);
}

/** The ranges of chunks, those that touch as one. */
function joinedRanges(chunks: readonly Chunk[]): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  for (const { start, length } of chunks) {
    const last = ranges.at(-1);
    if (last?.[1] === start) last[1] += length;
    else ranges.push([start, start + length]);
  }
  return ranges;
}

function withoutPlaces(group: ThriftStruct, chunks: readonly ThriftStruct[]): ThriftStruct {
  return withFields(group, {
    [RowGroup.columns]: listOf(chunks),
    [RowGroup.sortingColumns]: undefined,
    [RowGroup.fileOffset]: undefined,
    [RowGroup.ordinal]: undefined,
  });
}
