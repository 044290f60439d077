import { LINE_FEED } from "./record-scanner.js";

/** Whole records: `bytes[from, end)`. */
export interface Block {
  readonly bytes: Uint8Array;
  /** Offset of the first record: after the header, in the first block. */
  readonly from: number;
  readonly end: number;
  readonly records: number;
}

/** The bytes read so far, kept so that a column may be read again as text, and a line be found for a message. */
export class Body {
  readonly blocks: Block[] = [];

  /** The line, from 1, on which `bytes[offset]` lies, `bytes` being the block after the first `blocks`. */
  lineOf(blocks: number, bytes: Uint8Array, offset: number): number {
    let line = 1;
    for (const block of this.blocks.slice(0, blocks)) line += countLines(block.bytes, block.end);
    return line + countLines(bytes, offset);
  }

  /** The block that holds a row, and the row's place in it. */
  find(row: number): { block: Block; index: number; record: number } {
    let record = row;
    for (const [index, block] of this.blocks.entries()) {
      if (record < block.records) return { block, index, record };
      record -= block.records;
    }
    throw new RangeError(`row ${row} was not read`);
  }
}

/** Line feeds in `bytes[0, end)`. */
function countLines(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
