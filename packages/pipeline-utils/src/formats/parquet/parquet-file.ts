import { tableFromIPC } from "apache-arrow";
import type { RecordBatch, Schema, Table } from "apache-arrow";
import { argumentError } from "../../argument-error.js";
import { FormatError } from "../../errors.js";
import { shown, shownNames } from "../schema/shown.js";
import { duplicateName } from "../writable-names.js";
import { attempt, guardedRanges } from "./byte-ranges.js";
import type { ByteRanges } from "./byte-ranges.js";
import { selectColumns, withDecodableTypes } from "./footer-schema.js";
import { checkCount, readFooter, sumOf } from "./footer.js";
import type { Footer } from "./footer.js";
import { pageBytes } from "./pages.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { checkChunks, checkPageBytes } from "./row-group-limits.js";
import { extractRowGroup, ROW_GROUP_ROWS } from "./row-group.js";

/** Which parts of a file to read, and how much at most. */
export interface ParquetFileOptions {
  /** Begins the message of every error. */
  readonly address: string;
  /** Names of the columns to read. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** Maximum bytes of the pages of a row group, before and after compression. Default: 512 MiB. */
  readonly maxRowGroupBytes?: number;
}

/** A Parquet file that is read one row group at a time. */
export class ParquetFile {
  readonly schema: Schema;
  readonly #source: ByteRanges;
  /** The footer, reduced to the selected columns. */
  readonly #footer: Footer;
  readonly #options: ParquetFileOptions;

  private constructor(source: ByteRanges, footer: Footer, schema: Schema, options: ParquetFileOptions) {
    this.#source = source;
    this.#footer = footer;
    this.#options = options;
    this.schema = schema;
  }

  /**
   * Read and check the footer of a file.
   *
   * @throws {FormatError} The file is not Parquet, or does not have one of the columns.
   * @throws {TypeError} `columns` has a name twice.
   */
  static async open(source: ByteRanges, options: ParquetFileOptions): Promise<ParquetFile> {
    const { address, columns } = options;
    if (columns !== undefined && duplicateName(columns) !== undefined) {
      throw argumentError("columns", columns, "each name once");
    }
    const guarded = guardedRanges(source);
    return attempt(address, "the footer", async () => {
      const { struct, rows, rowGroups } = await readFooter(guarded, address);
      const footer = { struct: withDecodableTypes(struct), rows, rowGroups };
      const { schema } = decode(await extractRowGroup(guarded, footer.struct));
      checkColumnNames(
        address,
        schema.fields.map(({ name }) => name),
        columns,
      );
      const selected = columns === undefined ? footer : selectColumns(footer, new Set(columns));
      return new ParquetFile(guarded, selected, schema, options);
    });
  }

  /** Count of row groups. */
  get rowGroups(): number {
    return this.#footer.rowGroups.length;
  }

  /** Bytes of the pages of all row groups, before compression. */
  get bytes(): number {
    return sumOf(
      this.#footer.rowGroups.flatMap(({ chunks }) => chunks.map(({ uncompressed }) => uncompressed)),
    );
  }

  /**
   * Read a row group.
   *
   * @returns Its batches, with the columns in the order asked for.
   * @throws {FormatError} The row group is damaged or too large.
   */
  async read(index: number): Promise<RecordBatch[]> {
    const { address, columns, maxRowGroupBytes } = this.#options;
    const { struct, rowGroups } = this.#footer;
    const group = rowGroups[index]!;
    const place = `row group ${index + 1} of ${rowGroups.length}`;
    const name = `${address}: ${place}`;
    checkChunks(name, group.chunks, this.schema, maxRowGroupBytes);
    return attempt(address, place, async () => {
      const file = await extractRowGroup(this.#source, struct, group);
      checkPageBytes(name, pageBytes(file, group.chunks), maxRowGroupBytes);
      const table = decode(file);
      checkCount("rows", table.numRows, group.rows);
      return columns === undefined ? table.batches : table.select([...columns]).batches;
    });
  }
}

/**
 * Check that the columns asked for, or else all columns, exist once. Arrow's tables in JavaScript would merge two
 * columns of one name.
 */
function checkColumnNames(
  address: string,
  names: readonly string[],
  columns: readonly string[] | undefined,
): void {
  const missing = columns?.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new FormatError(`${address}: column ${shown(missing)} is missing, found ${shownNames(names)}`);
  }
  const duplicate = duplicateName(names, columns);
  if (duplicate !== undefined) {
    throw new FormatError(`${address}: ${duplicate}`);
  }
}

/** Decode a whole file in memory. */
function decode(file: Uint8Array): Table {
  return withParquetWasm(({ readParquet }) =>
    tableFromIPC(readParquet(file, { batchSize: ROW_GROUP_ROWS }).intoIPCStream()),
  );
}
