import { Arena } from "./arena.js";
import { SameOffsets } from "./same-offsets.js";

/** Where columns in the making keep their arrays. */
export class ColumnMemory {
  /** Of arrays that will be part of the table. */
  readonly lasting = new Arena();
  /** Of arrays that are needed until a batch of the table is made of them. */
  readonly passing = new Arena();
  /** For all columns. */
  readonly sameOffsets = new SameOffsets();
}
