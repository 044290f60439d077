import { type RecordBatch, type Schema, type Table, tableFromIPC } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { argumentError } from "../../argument-error.js";
import { nameTwice } from "../name-twice.js";
import { shown, shownNames } from "../schema/shown.js";
import { type ByteRanges } from "./byte-ranges.js";
import { withArrowFields } from "./arrow-schema.js";
import { checkMagic } from "./check-magic.js";
import { decodableFields } from "./decodable-fields.js";
import { extractRowGroup } from "./extract-row-group.js";
import { type Chunk, type Footer, MAGIC, readFooter } from "./footer.js";
import { attempt, guardedRanges } from "./guarded-ranges.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { type Pages, readPages } from "./read-pages.js";
import { checkChunks, checkPageBytes, sumOf } from "./row-group-limits.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

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
  readonly #footer: Footer;
  readonly #options: ParquetFileOptions;
  readonly #columns: ReadonlySet<string> | undefined;

  private constructor(source: ByteRanges, footer: Footer, schema: Schema, options: ParquetFileOptions) {
    this.#source = source;
    this.#footer = footer;
    this.#options = options;
    this.#columns = options.columns && new Set(options.columns);
    this.schema = schema;
  }

  /**
   * Read a file's footer.
   *
   * @throws {FormatError} Not a Parquet file, or one without those columns.
   */
  static async open(source: ByteRanges, options: ParquetFileOptions): Promise<ParquetFile> {
    const { address, columns } = options;
    const guarded = guardedRanges(source);
    const { footer, schema } = await attempt(address, "the footer", async () => {
      await checkMagic(guarded, address);
      const told = await readFooter(guarded);
      const footer = { ...told, struct: withArrowFields(told.struct, decodableFields) };
      checkCount("rows in the row groups", sumOf(footer.rowGroups.map(({ rows }) => rows)), footer.rows);
      const { schema } = decode(await extractRowGroup(guarded, footer, undefined, undefined));
      return { footer, schema };
    });
    checkColumns(
      address,
      schema.fields.map(({ name }) => name),
      columns,
    );
    return new ParquetFile(guarded, footer, schema, options);
  }

  get rowGroups(): number {
    return this.#footer.rowGroups.length;
  }

  /** Bytes of the pages of all row groups, before compression. */
  get bytes(): number {
    const chunks = this.#footer.rowGroups.flatMap((_, index) => this.#chunksOf(index));
    return sumOf(chunks.map(({ uncompressed }) => uncompressed));
  }

  /** The batches of a row group, in the order of the columns asked for. */
  async read(index: number): Promise<RecordBatch[]> {
    const { address, columns, maxRowGroupBytes } = this.#options;
    const group = `row group ${index + 1} of ${this.rowGroups}`;
    const name = `${address}: ${group}`;
    const chunks = this.#chunksOf(index);
    checkChunks(name, chunks, this.schema, maxRowGroupBytes);
    return attempt(address, group, async () => {
      const file = await extractRowGroup(this.#source, this.#footer, index, this.#columns);
      const pages = pagesOf(file, chunks);
      checkPageBytes(
        name,
        pages.map(({ uncompressed }) => uncompressed),
        maxRowGroupBytes,
      );
      const table = decode(file);
      checkCount("rows", table.numRows, this.#footer.rowGroups[index]!.rows);
      return columns === undefined ? table.batches : table.select([...columns]).batches;
    });
  }

  #chunksOf(index: number): readonly Chunk[] {
    return this.#footer.rowGroups[index]!.chunks.filter(({ column }) => this.#columns?.has(column) ?? true);
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
  if (columns !== undefined && nameTwice(columns) !== undefined)
    throw argumentError("columns", columns, "each name once");
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
