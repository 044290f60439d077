import { type RecordBatch, type Schema, tableFromIPC } from "apache-arrow";
import { type ParquetFile as WasmFile } from "parquet-wasm";
import { FormatError } from "../../errors.js";
import { shown, shownNames } from "../schema/shown.js";
import { type ByteRanges } from "./byte-ranges.js";
import { RangedBlob } from "./ranged-blob.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** A row group is decoded as a whole, in the 4 GiB that WebAssembly has, of which its pages and its copy take part. */
export const MAX_ROW_GROUP_BYTES = 2 ** 29;
const MAGIC = "PAR1";
/** `Compression.LZO`, of a module that is loaded when first used. */
const LZO = 7;

/** What stands in the footer of a row group, of the columns that are read. */
interface RowGroup {
  readonly rows: number;
  /** Bytes of its pages, encoded but not compressed. */
  readonly bytes: number;
  readonly isLzo: boolean;
}

/** A Parquet file, of which the parts that are asked for are read. */
export class ParquetFile {
  readonly schema: Schema;
  readonly rowGroups: readonly RowGroup[];
  readonly #address: string;
  readonly #file: WasmFile;
  readonly #blob: RangedBlob;
  readonly #columns: readonly string[] | undefined;

  private constructor(
    address: string,
    file: WasmFile,
    blob: RangedBlob,
    columns: readonly string[] | undefined,
  ) {
    this.#address = address;
    this.#file = file;
    this.#blob = blob;
    this.#columns = columns;
    this.schema = tableFromIPC(file.schema().intoIPCStream()).schema;
    this.rowGroups = this.#readRowGroups();
  }

  /**
   * Read a file's footer.
   *
   * @param columns - Names of the columns to read; default: all.
   * @throws {FormatError} Not a Parquet file, or one without those columns.
   */
  static async open(source: ByteRanges, address: string, columns?: readonly string[]): Promise<ParquetFile> {
    await checkMagic(source, address);
    const parquet = await import("parquet-wasm");
    const blob = new RangedBlob(source);
    const wasmFile = await attempt(address, "the footer", blob, () => parquet.ParquetFile.fromFile(blob));
    const file = new ParquetFile(address, wasmFile, blob, columns);
    const names = file.schema.fields.map(({ name }) => name);
    const missing = columns?.find((name) => !names.includes(name));
    if (missing === undefined) return file;
    throw new FormatError(`${address}: column ${shown(missing)} is missing, found ${shownNames(names)}`);
  }

  /** The batches of a row group, in the order of the columns asked for. */
  async read(index: number): Promise<RecordBatch[]> {
    const { bytes, isLzo } = this.rowGroups[index]!;
    const name = `row group ${index + 1} of ${this.rowGroups.length}`;
    if (isLzo)
      throw new FormatError(`${this.#address}: ${name} is compressed with LZO, which this reader has not`);
    if (bytes > MAX_ROW_GROUP_BYTES) {
      throw new FormatError(
        `${this.#address}: ${name} has ${bytes} bytes, of which at most ${MAX_ROW_GROUP_BYTES} can be decoded at once`,
      );
    }
    const options = { rowGroups: [index], batchSize: ROW_GROUP_ROWS, ...this.#selection() };
    return attempt(this.#address, name, this.#blob, async () => {
      const table = tableFromIPC((await this.#file.read(options)).intoIPCStream());
      return this.#columns === undefined ? table.batches : table.select([...this.#columns]).batches;
    });
  }

  close(): void {
    this.#file.free();
  }

  #selection(): { columns?: string[] } {
    return this.#columns === undefined ? {} : { columns: [...this.#columns] };
  }

  #readRowGroups(): RowGroup[] {
    const wanted = this.#columns && new Set(this.#columns);
    return this.#file
      .metadata()
      .rowGroups()
      .map((group) => {
        const columns = group.columns().filter((column) => wanted?.has(column.columnPath()[0] ?? "") ?? true);
        return {
          rows: group.numRows(),
          bytes: columns.reduce((sum, column) => sum + column.uncompressedSize(), 0),
          isLzo: columns.map((column): number => column.compression()).includes(LZO),
        };
      });
  }
}

/** Run a step of the decoder; its errors become FormatErrors, those of the source stay as they are. */
async function attempt<T>(
  address: string,
  part: string,
  blob: RangedBlob,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (blob.fault !== undefined) throw blob.fault;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`${address}: ${part} is not readable as Parquet: ${reason}`, { cause });
  }
}

async function checkMagic(source: ByteRanges, address: string): Promise<void> {
  const least = 3 * MAGIC.length;
  if (source.size < least) {
    throw new FormatError(
      `${address}: found ${source.size} bytes, expected a Parquet file, of at least ${least}`,
    );
  }
  for (const [start, place] of [
    [0, "beginning"],
    [source.size - MAGIC.length, "end, where a whole file has it"],
  ] as const) {
    const found = Buffer.from(await source.read(start, start + MAGIC.length)).toString("latin1");
    if (found !== MAGIC) {
      throw new FormatError(
        `${address}: found ${shown(found)} at the ${place}, expected "${MAGIC}" of a Parquet file`,
      );
    }
  }
}
