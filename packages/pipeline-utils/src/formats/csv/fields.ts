import { type NumberBatch } from "./number-batch.js";

/**
 * The fields of some records, as offsets into the bytes they were read from.
 *
 * Column `c` of record `r` is at index `r * columns + c` of `starts` and `ends`. Start and end are equal for an empty
 * field, which is null. A negative end is the complement of the end of a field in quotes, where a doubled quote stands
 * for one.
 */
export interface Fields {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly columns: number;
  readonly records: number;
  /** By column: the numbers of columns that were parsed already; they have no starts and ends. */
  readonly numberBatches: readonly (NumberBatch | undefined)[];
}
