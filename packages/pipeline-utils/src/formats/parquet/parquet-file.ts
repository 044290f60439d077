import { DataType, type RecordBatch, type Schema, type Table, tableFromIPC } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { shown, shownNames } from "../schema/shown.js";
import { type ByteRanges } from "./byte-ranges.js";
import { extractRowGroup } from "./extract-row-group.js";
import { type Chunk, type Footer, MAGIC, readFooter } from "./footer.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** A row group is decoded as a whole, in the 4 GiB that WebAssembly has, of which its pages and its copy take part. */
const MAX_ROW_GROUP_BYTES = 2 ** 29;
/** Values that take more are beyond what WebAssembly holds in its two forms: 1.04 GB were decoded, 1.28 GB were not. */
const MAX_DECODED_BYTES = 2 ** 30;
/** Its number among the codecs of Parquet. */
const LZO = 3;

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
      const footer = await readFooter(guarded);
      const { schema } = await decode(await extractRowGroup(guarded, footer, undefined, undefined));
      return { footer, schema };
    });
    const names = schema.fields.map(({ name }) => name);
    const missing = columns?.find((name) => !names.includes(name));
    if (missing === undefined) return new ParquetFile(guarded, footer, schema, options);
    throw new FormatError(`${address}: column ${shown(missing)} is missing, found ${shownNames(names)}`);
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
    const { address, columns, maxRowGroupBytes = MAX_ROW_GROUP_BYTES } = this.#options;
    const name = `row group ${index + 1} of ${this.rowGroups}`;
    const chunks = this.#chunksOf(index);
    if (chunks.some(({ codec }) => codec === LZO)) {
      throw new FormatError(`${address}: ${name} is compressed with LZO, which this reader has not`);
    }
    const pages = chunks.map(({ uncompressed, length }) => Math.max(uncompressed, length));
    const values = chunks.map((chunk) => this.#decodedBytes(chunk));
    checkSize(`${address}: ${name} has`, sumOf(pages), "bytes", maxRowGroupBytes);
    checkSize(`${address}: the values of ${name} have`, sumOf(values), "bytes in memory", MAX_DECODED_BYTES);
    return attempt(address, name, async () => {
      const table = await decode(await extractRowGroup(this.#source, this.#footer, index, this.#columns));
      return columns === undefined ? table.batches : table.select([...columns]).batches;
    });
  }

  #decodedBytes({ column, valueBytes, textBytes }: Chunk): number {
    const field = this.schema.fields.find(({ name }) => name === column);
    return valueBytes + (field !== undefined && holdsEachText(field) ? textBytes : 0);
  }

  #chunksOf(index: number): readonly Chunk[] {
    return this.#footer.rowGroups[index]!.chunks.filter(({ column }) => this.#columns?.has(column) ?? true);
  }
}

/** Whether a text is in memory as often as it occurs: not so in a dictionary, and nested columns may hold one. */
function holdsEachText({ type }: { readonly type: DataType }): boolean {
  return (
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isBinary(type) ||
    DataType.isLargeBinary(type)
  );
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function checkSize(what: string, size: number, unit: string, most: number): void {
  if (size > most)
    throw new FormatError(`${what} ${size} ${unit}, of which at most ${most} can be decoded at once`);
}

/** Decode a whole file in memory. */
async function decode(file: Uint8Array): Promise<Table> {
  const parquet = await import("parquet-wasm");
  return tableFromIPC(parquet.readParquet(file, { batchSize: ROW_GROUP_ROWS }).intoIPCStream());
}

/** Why a range could not be read, as `cause`; to be told from the faults of the bytes. */
class SourceFault extends Error {}

function guardedRanges(source: ByteRanges): ByteRanges {
  return {
    size: source.size,
    read: async (start, end) => {
      try {
        return await source.read(start, end);
      } catch (cause) {
        throw new SourceFault("a range could not be read", { cause });
      }
    },
  };
}

/** Run a step of reading; what the bytes are at fault for becomes a FormatError, what the source threw stays as it is. */
async function attempt<T>(address: string, part: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    if (cause instanceof SourceFault) throw cause.cause;
    throw new FormatError(`${address}: ${part} is not readable as Parquet: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // A trap of WebAssembly says no more than "unreachable": of pages that repeat few values, a few bytes make gigabytes.
  return cause.name === "RuntimeError"
    ? `it is damaged, or larger than the decoder's memory once decoded (${cause.message})`
    : cause.message;
}

async function checkMagic(source: ByteRanges, address: string): Promise<void> {
  const least = 3 * MAGIC.length;
  if (source.size < least) {
    throw new FormatError(
      `${address}: found ${source.size} bytes, expected a Parquet file, of at least ${least}`,
    );
  }
  const places = [
    [0, "beginning"],
    [source.size - MAGIC.length, "end, where a whole file has it"],
  ] as const;
  for (const [start, place] of places) {
    const found = Buffer.from(await source.read(start, start + MAGIC.length)).toString("latin1");
    if (found !== MAGIC) {
      throw new FormatError(
        `${address}: found ${shown(found)} at the ${place}, expected "${MAGIC}" of a Parquet file`,
      );
    }
  }
}
