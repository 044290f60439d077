/** Rows of a row group, and of a record batch read from one: the reader's own default of 1,024 is 2-3 times slower. */
export const ROW_GROUP_ROWS = 131_072;

/** Bytes of the rows of a row group that is written, nearly: while it is encoded it is in memory some ten times. */
export const ROW_GROUP_BYTES = 2 ** 27;
