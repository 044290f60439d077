import { Arena } from "./arena.js";

/** Where columns in the making keep their arrays. */
export class ColumnMemory {
  /** Of arrays that will be part of the table. */
  readonly lasting: Arena;
  /** Of arrays that are needed until a batch of the table is made of them. */
  readonly passing = new Arena();

  constructor(lasting = new Arena()) {
    this.lasting = lasting;
  }
}
