import { type RecordBatch, type Schema, type Table, tableFromIPC } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { argumentError } from "../../argument-error.js";
import { nameTwice } from "../name-twice.js";
import { shown, shownNames } from "../schema/shown.js";
import { type ByteRanges } from "./byte-ranges.js";
import { withArrowFields } from "./arrow-schema.js";
import { checkMagic } from "./check-magic.js";
import { decodableFields } from "./decodable-fields.js";
import { extractRowGroup } from "./row-group.js";
import { type Chunk, type Footer, MAGIC, readFooter } from "./footer.js";
import { attempt, guardedRanges } from "./guarded-ranges.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { type Pages, readPages } from "./pages.js";
import { checkChunks, checkPageBytes, sumOf } from "./row-group-limits.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";
import { selectColumns } from "./footer-schema.js";

/** What is read of a file, and of which at most how much. */
export interface ParquetFileOptions {
  /** Begins every error's message. */
  readonly address: string;
  /** Names of the columns to read. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** Bytes of the pages of a row group, before and after compression. Default: 512 MiB. */
  readonly maxRowGroupBytes?: number;
}

/** A Parquet file, of which the parts that are asked for are read. */
export class ParquetFile {
  readonly schema: Schema;
  readonly #source: ByteRanges;
  /** Of the columns that are read. */
  readonly #footer: Footer;
  readonly #options: ParquetFileOptions;

  private constructor(source: ByteRanges, footer: Footer, schema: Schema, options: ParquetFileOptions) {
    this.#source = source;
    this.#footer = footer;
    this.#options = options;
    this.schema = schema;
  }

  /**
   * Read a file's footer.
   *
   * @throws {FormatError} Not a Parquet file, or one without those columns.
   * @throws {TypeError} Columns that name one twice.
   */
  static async open(source: ByteRanges, options: ParquetFileOptions): Promise<ParquetFile> {
    const { address, columns } = options;
    if (columns !== undefined && nameTwice(columns) !== undefined)
      throw argumentError("columns", columns, "each name once");
    const guarded = guardedRanges(source);
    return attempt(address, "the footer", async () => {
      await checkMagic(guarded, address);
      const { struct, rows, rowGroups } = await readFooter(guarded);
      checkCount("rows in the row groups", sumOf(rowGroups.map((group) => group.rows)), rows);
      const decodable = withArrowFields(struct, decodableFields);
      const { schema } = decode(await extractRowGroup(guarded, decodable));
      checkColumns(
        address,
        schema.fields.map(({ name }) => name),
        columns,
      );
      const footer = { struct: decodable, rows, rowGroups };
      return new ParquetFile(
        guarded,
        columns ? selectColumns(footer, new Set(columns)) : footer,
        schema,
        options,
      );
    });
  }

  get rowGroups(): number {
    return this.#footer.rowGroups.length;
  }

  /** Bytes of the pages of all row groups, before compression. */
  get bytes(): number {
    return sumOf(
      this.#footer.rowGroups.flatMap(({ chunks }) => chunks.map(({ uncompressed }) => uncompressed)),
    );
  }

  /** The batches of a row group, in the order of the columns asked for. */
  async read(index: number): Promise<RecordBatch[]> {
    const { address, columns, maxRowGroupBytes } = this.#options;
    const { struct, rowGroups } = this.#footer;
    const group = rowGroups[index]!;
    const place = `row group ${index + 1} of ${rowGroups.length}`;
    const name = `${address}: ${place}`;
    checkChunks(name, group.chunks, this.schema, maxRowGroupBytes);
    return attempt(address, place, async () => {
      const file = await extractRowGroup(this.#source, struct, group);
      const pages = pagesOf(file, group.chunks);
      checkPageBytes(
        name,
        pages.map(({ uncompressed }) => uncompressed),
        maxRowGroupBytes,
      );
      const table = decode(file);
      checkCount("rows", table.numRows, group.rows);
      return columns === undefined ? table.batches : table.select([...columns]).batches;
    });
  }
}

/**
 * Check that the columns asked for, or else all, are there, each once: Arrow's tables in JavaScript take two of one name for
 * one.
 */
function checkColumns(
  address: string,
  names: readonly string[],
  columns: readonly string[] | undefined,
): void {
  const missing = columns?.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new FormatError(`${address}: column ${shown(missing)} is missing, found ${shownNames(names)}`);
  const twice = nameTwice(names, columns);
  if (twice !== undefined) throw new FormatError(`${address}: ${twice}`);
}

/** Decode a whole file in memory. */
function decode(file: Uint8Array): Table {
  return withParquetWasm(({ readParquet }) =>
    tableFromIPC(readParquet(file, { batchSize: ROW_GROUP_ROWS }).intoIPCStream()),
  );
}

/** The pages of each chunk of a file that begins with them. */
function pagesOf(file: Uint8Array, chunks: readonly Chunk[]): readonly Pages[] {
  let at = MAGIC.length;
  return chunks.map(({ column, length, values }) => {
    const pages = readPages(file.subarray(at, at + length));
    at += length;
    checkCount(`values in column ${shown(column)}`, pages.values, values);
    return pages;
  });
}

/** @throws {RangeError} */
function checkCount(what: string, found: number, told: number): void {
  if (found !== told) throw new RangeError(`found ${found} ${what}, the footer tells of ${told}`);
}
