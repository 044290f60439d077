import { Table } from "apache-arrow";
import type { RecordBatch, Schema } from "apache-arrow";
import { argumentError, checkOptions } from "../../argument-error.js";
import { FormatError } from "../../errors.js";
import type { ByteSource } from "../byte-source.js";
import { checkColumn, checkExpectedSchema, Violations } from "../expected-schema.js";
import type { ExpectedSchema } from "../expected-schema.js";
import { READ_PARQUET_BATCHES_OPTIONS, READ_PARQUET_OPTIONS } from "../options.js";
import type { ReadParquetBatchesOptions, ReadParquetOptions } from "../options.js";
import { shown, shownNames } from "../shown.js";
import { duplicateName } from "../writable-names.js";
import { attempt, guardedRanges, openRanges } from "./byte-ranges.js";
import type { ByteRanges } from "./byte-ranges.js";
import { batchOfNumbers, schemaOfNumbers } from "./decimals.js";
import { emptyGroups, selectColumns, withDecodableElements, withDecodableTypes } from "./footer-schema.js";
import type { EmptyGroup } from "./footer-schema.js";
import { checkCount, readFooter, sumOf } from "./footer.js";
import type { Footer } from "./footer.js";
import { hasInt96, withExactInt96 } from "./int96.js";
import { decode, decodedSchema, readRowGroup } from "./row-group-reader.js";
import type { RowGroupOptions } from "./row-group-reader.js";

/** Maximum of a whole table, in bytes of encoded pages before compression. */
const MAX_TABLE_BYTES = 2 ** 31;

/**
 * Read a Parquet file into an Arrow Table.
 *
 * @param source - The file's bytes or ranges of them, as for `readParquetBatches`.
 * @returns All rows, in batches of at most 131,072.
 * @throws {FormatError} As `readParquetBatches`. Also for more than 2 GiB of pages, which `readParquetBatches` can
 *   read, and for values that violate `schema`.
 * @throws {TypeError} An option is unknown, or `source` is no source, in a caller without types.
 */
export async function readParquet(
  source: ByteSource | ByteRanges,
  options: ReadParquetOptions = {},
): Promise<Table> {
  checkOptions(options, READ_PARQUET_OPTIONS);
  return readWholeParquet(source, options);
}

/** Read a Parquet file, as `readParquet` does. Options with other names are ignored. */
export async function readWholeParquet(
  source: ByteSource | ByteRanges,
  options: ReadParquetOptions,
): Promise<Table> {
  checkExpectedSchema(options.schema);
  return readParquetTable(await openParquet(source, options), options);
}

/**
 * Read a Parquet file batch by batch, with one row group in memory at a time.
 *
 * @param source - Ranges of the file or a Blob, so that the whole file is never in memory; or the bytes, in one piece or
 *   as a stream, which is kept in memory in compressed form.
 * @returns Batches of at most 131,072 rows; none for a file without rows.
 * @throws {FormatError} The bytes are not Parquet, a column is missing, or a row group has more than 512 MiB of pages
 *   or 1 GiB of values. Also for a column that has a group without fields, or INT96 timestamps that neither microseconds
 *   nor nanoseconds represent exactly.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function* readParquetBatches(
  source: ByteSource | ByteRanges,
  options: ReadParquetBatchesOptions = {},
): AsyncIterable<RecordBatch> {
  checkOptions(options, READ_PARQUET_BATCHES_OPTIONS);
  const file = await openParquet(source, options);
  for (let index = 0; index < file.rowGroups; index++) {
    options.signal?.throwIfAborted();
    yield* await file.read(index);
  }
}

async function openParquet(
  source: ByteSource | ByteRanges,
  { address = "Parquet", signal, columns, decimals = "exact" }: ReadParquetBatchesOptions,
): Promise<ParquetFile> {
  // For callers without types.
  if (!["exact", "number"].includes(decimals)) {
    throw argumentError("decimals", decimals, "'exact' or 'number'");
  }
  return ParquetFile.open(await openRanges(source, signal), { address, columns, decimals, signal });
}

/** Read all rows of an open file, as `readParquet` does. */
export async function readParquetTable(
  file: ParquetFile,
  { address = "Parquet", signal, columns, schema = {} }: ReadParquetOptions,
  maxBytes = MAX_TABLE_BYTES,
): Promise<Table> {
  const { bytes } = file;
  if (bytes > maxBytes) {
    throw new FormatError(
      `${address}: the table has ${bytes} bytes, more than the ${maxBytes} that readParquet reads; ` +
        "use readParquetBatches, or read fewer columns",
    );
  }
  const batches: RecordBatch[] = [];
  for (let index = 0; index < file.rowGroups; index++) {
    signal?.throwIfAborted();
    batches.push(...(await file.read(index)));
  }
  const table = batches.length > 0 ? new Table(batches) : emptyTable(file.schema, columns);
  checkSchema(table, schema, address);
  return table;
}

function emptyTable(schema: Schema, columns: readonly string[] | undefined): Table {
  const table = new Table(schema);
  return columns === undefined ? table : table.select([...columns]);
}

function checkSchema(table: Table, schema: ExpectedSchema, address: string): void {
  const violations = new Violations();
  const names = table.schema.fields.map(({ name }) => name);
  for (const [name, expected] of Object.entries(schema)) {
    const vector = table.getChild(name);
    if (vector === null) {
      violations.addGeneral(`column ${JSON.stringify(name)} is missing, found ${shownNames(names)}`);
    } else {
      checkColumn(name, names.indexOf(name), vector, expected, violations);
    }
  }
  violations.throwIfAny(address, (row) => `row ${row + 1}`);
}

/** Which parts of a file to read, and how much at most. */
export interface ParquetFileOptions extends RowGroupOptions {
  /** Names of the columns to read. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** Whether decimals become the nearest doubles. Default: `exact`. */
  readonly decimals?: ReadParquetBatchesOptions["decimals"];
  /** Stops `open` between the row groups of a file with INT96 timestamps, by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
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
    this.schema = options.decimals === "number" ? schemaOfNumbers(schema) : schema;
  }

  /**
   * Read and check the footer of a file. If a selected column has INT96 timestamps, read it to find its unit.
   *
   * @throws {FormatError} The file is not Parquet, or a column is missing, has no values, or cannot be exact.
   * @throws {TypeError} `columns` has a name twice.
   */
  static async open(source: ByteRanges, options: ParquetFileOptions): Promise<ParquetFile> {
    const { address, columns } = options;
    if (columns !== undefined && duplicateName(columns) !== undefined) {
      throw argumentError("columns", columns, "each name once");
    }
    const guarded = guardedRanges(source);
    const { footer, schema, containsInt96 } = await attempt(address, "the footer", async () => {
      const whole = await readFooter(guarded, address);
      checkEmptyGroups(address, emptyGroups(whole.struct), columns);
      const footer = { ...whole, struct: withDecodableTypes(withDecodableElements(whole.struct)) };
      const schema = await decodedSchema(guarded, footer);
      checkColumnNames(
        address,
        schema.fields.map(({ name }) => name),
        columns,
      );
      const selected = columns === undefined ? footer : selectColumns(footer, new Set(columns));
      return { footer: selected, schema, containsInt96: hasInt96(selected) };
    });
    if (!containsInt96) {
      return new ParquetFile(guarded, footer, schema, options);
    }
    const exact = await withExactInt96(guarded, footer, options);
    return new ParquetFile(guarded, exact.footer, exact.schema, options);
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
   * @returns Its batches, with the columns in the order asked for; none for a row group without rows.
   * @throws {FormatError} The row group is damaged or too large.
   */
  async read(index: number): Promise<RecordBatch[]> {
    const { columns, decimals } = this.#options;
    const batches = await readRowGroup(
      this.#source,
      this.#footer,
      index,
      this.schema,
      this.#options,
      (file, rows) => {
        const table = decode(file);
        checkCount("rows", table.numRows, rows);
        return columns === undefined ? table.batches : table.select([...columns]).batches;
      },
    );
    return (decimals === "number" ? batches?.map(batchOfNumbers) : batches) ?? [];
  }
}

/** Check that no column to read has a group without fields, which the decoder would drop. */
function checkEmptyGroups(
  address: string,
  groups: readonly EmptyGroup[],
  columns: readonly string[] | undefined,
): void {
  const found = groups.find(({ column }) => columns?.includes(column) ?? true);
  if (found !== undefined) {
    throw new FormatError(
      `${address}: column ${shown(found.column)} has the group ${shown(found.group)} without fields, ` +
        "of which Parquet stores no values; name the other columns in the option columns",
    );
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
    throw new FormatError(`${address}: ${duplicate.message}`);
  }
}
