import type { DataType } from "apache-arrow";
import type { OptionKinds } from "../argument-error.js";
import type { ExpectedSchema } from "./expected-schema.js";

/** How to read a CSV file. */
export interface ReadCsvOptions {
  /** Address of the bytes, such as `s3://bucket/key`; begins the message of every error. Default: `CSV`. */
  readonly address?: string;
  /** Stops the reading at the next chunk or at the end of the source. The call then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Limit of the bytes of a compressed file's text, which may be a thousand times as large as the file. Default: 4 GiB
   * (2^32). A larger text is a FormatError. Files of gzip and zstd are recognised by their first bytes. A number that is
   * no positive integer is a TypeError.
   */
  readonly maxBytes?: number;
  /**
   * Encoding of the bytes. Default: `utf-8`. Files in UTF-16, of either byte order, are recognised by their byte order
   * mark. `latin1` (ISO 8859-1) is never recognised, since any bytes are valid in it. Another value is a TypeError.
   */
  readonly encoding?: "utf-8" | "latin1";
  /**
   * Separates fields. Default: `,`. Without this option, a header line of one column with a `;` in its name is a
   * FormatError that names `delimiter` and, if needed, `decimal`. Quotes around the name prevent it.
   */
  readonly delimiter?: string;
  /** The character that encloses fields with delimiters, quotes or line ends in them. Default: `"`. */
  readonly quote?: string;
  /** The character before a quote inside quotes that makes it part of the text. Default: the quote itself. */
  readonly escape?: string;
  /**
   * The character before the decimals of numbers. Default: `.`. With `,` a `1,5` is a number, and `1.5` is a text; the
   * delimiter usually is `;` then. Any other character is a TypeError.
   */
  readonly decimal?: "." | ",";
  /**
   * Lines before the header line, or before the first record if `columnNames` are given. Default: 0. They may hold
   * anything. A line ends at a line feed, in quotes too. A negative number or a fraction is a TypeError.
   */
  readonly skipRows?: number;
  /**
   * A character of ASCII, such as `#`. Lines that begin with it are skipped, the header line included. Default: none.
   *
   * Elsewhere the character is a part of the text, whereas pandas ends a line there. The delimiter, the quote and a
   * line end are TypeErrors, and so is a dialect that papaparse reads.
   */
  readonly comment?: string;
  /** Whether a row with fewer fields than columns is an error, or has nulls in its last columns. Default: `error`. */
  readonly shortRows?: "error" | "null";
  /** The names of the columns of a file that has no header line. */
  readonly columnNames?: readonly string[];
  /**
   * Names of columns that the header line leaves out, or gives to an earlier column too. Default: `strict`.
   *
   * - `strict`: an error, except that a first column without a name is named `Unnamed: 0`.
   * - `rename`: names as `pandas.read_csv` makes them: `x.1` for a second `x`, and `Unnamed: 3` for a column of index 3
   *   without a name. A new name never is one that the header has elsewhere.
   *
   * `rename` and `columnNames` together are a TypeError.
   */
  readonly header?: "strict" | "rename";
  /** Texts that are null, in addition to the empty field, unless in quotes. Default: none. */
  readonly nullValues?: readonly string[];
  /**
   * Arrow types of columns, by name, of any copy of apache-arrow. Other columns have the type of their values.
   *
   * Possible types are integers and floats (not Float16), Bool, Utf8, Date, Timestamp, and Dictionary of Utf8 (by
   * indices of up to 32 bits). Numbers may then be in quotes or have leading zeros, and an integer may be written as
   * `1.0` or `1e3`. A value that the type cannot hold is an error. Examples are an integer out of range, a number that
   * would become infinite, and a time that is not a whole number of units.
   */
  readonly columnTypes?: Readonly<Record<string, DataType>>;
  /** Schema of the columns. All violations are reported together, with line numbers, and no table is returned. */
  readonly schema?: ExpectedSchema;
}

/** How to read a Parquet file in batches. */
export interface ReadParquetBatchesOptions {
  /** Address of the bytes, such as `s3://bucket/key`; begins the message of every error. Default: `Parquet`. */
  readonly address?: string;
  /** Stops the reading, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * The columns to read, in this order. Default: all, in the file's order. From a source of ranges, only their bytes
   * are read.
   */
  readonly columns?: readonly string[];
  /**
   * How columns of decimals are read, nested ones too. Default: `exact`.
   *
   * - `exact`: as Arrow's Decimal. Each value is an integer of 128 bits, which the type's `scale` divides.
   * - `number`: as Float64. Each value is the nearest double, so that of more than 15 digits the last ones may be lost.
   *
   * Another value is a TypeError.
   */
  readonly decimals?: "exact" | "number";
}

/** How to read a Parquet file. */
export interface ReadParquetOptions extends ReadParquetBatchesOptions {
  /** Expected types and values of columns. All violations are reported together, by row, and no table is returned. */
  readonly schema?: ExpectedSchema;
}

/** Compression of the pages of a Parquet file. */
export type ParquetCompression = "snappy" | "zstd";

/** How to write a Parquet file. */
export interface WriteParquetOptions {
  /** Compression of the pages. Default: `snappy`. */
  readonly compression?: ParquetCompression;
}

const SOURCE_OPTIONS = { address: "text", signal: "signal" } as const;
/** How to read a CSV file from any source. */
export const CSV_OPTIONS: OptionKinds<Omit<ReadCsvOptions, keyof typeof SOURCE_OPTIONS>> = {
  maxBytes: "other",
  encoding: "other",
  delimiter: "text",
  quote: "text",
  escape: "text",
  decimal: "other",
  skipRows: "other",
  comment: "other",
  shortRows: "other",
  columnNames: "texts",
  header: "other",
  nullValues: "texts",
  columnTypes: "object",
  schema: "other",
};
export const READ_CSV_OPTIONS: OptionKinds<ReadCsvOptions> = { ...SOURCE_OPTIONS, ...CSV_OPTIONS };
/** How to read a Parquet file from any source. */
export const PARQUET_OPTIONS: OptionKinds<Omit<ReadParquetOptions, keyof typeof SOURCE_OPTIONS>> = {
  columns: "texts",
  decimals: "other",
  schema: "other",
};
export const READ_PARQUET_BATCHES_OPTIONS: OptionKinds<ReadParquetBatchesOptions> = {
  ...SOURCE_OPTIONS,
  columns: "texts",
  decimals: "other",
};
export const READ_PARQUET_OPTIONS: OptionKinds<ReadParquetOptions> = {
  ...SOURCE_OPTIONS,
  ...PARQUET_OPTIONS,
};
export const WRITE_PARQUET_OPTIONS: OptionKinds<WriteParquetOptions> = { compression: "other" };
