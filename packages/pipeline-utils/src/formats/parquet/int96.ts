import { DataType, Schema, Timestamp, TimeUnit } from "apache-arrow";
import type { Data } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { isTimestampData } from "../arrow-data.js";
import { leavesOf, withLeafTypes } from "../arrow-leaves.js";
import type { LeafData } from "../arrow-leaves.js";
import { shown, shownType } from "../shown.js";
import { attempt } from "./byte-ranges.js";
import type { ByteRanges } from "./byte-ranges.js";
import { hasArrowSchema, leafTypes, selectColumns, withArrowSchema } from "./footer-schema.js";
import type { LeafType } from "./footer-schema.js";
import { checkCount, footerBytes, footerOf } from "./footer.js";
import type { Footer } from "./footer.js";
import { decode, decodedSchema, readRowGroup } from "./row-group-reader.js";
import type { RowGroupOptions } from "./row-group-reader.js";

// An INT96 timestamp is the nanoseconds of a day, in 64 bits, and the day of the Julian calendar, in 32 bits. It spans
// more than Arrow's timestamps of 64 bits: nanoseconds reach from 1677 to 2262, microseconds from the year -290308 to
// 294247. The decoder converts it to the unit that the Arrow schema of the footer names, else to nanoseconds. It neither
// checks for overflow nor for digits that it cuts off. Therefore these columns are decoded twice before they are read:
// as seconds, which never overflow, and as nanoseconds, of which the low 32 bits are right. Together they are exact.

/** The number of INT96 among Parquet's physical types. */
const INT96_TYPE = 3;
const NANOSECONDS_PER_SECOND = 1_000_000_000;
/** The words of a 64-bit value in the memory of a little-endian computer, the lower one first. */
const WORDS_PER_VALUE = 2;
const WORD_VALUES = 2 ** 32;
/** Nanoseconds in each unit of a timestamp. */
const UNIT_NANOSECONDS = {
  [TimeUnit.SECOND]: NANOSECONDS_PER_SECOND,
  [TimeUnit.MILLISECOND]: 1_000_000,
  [TimeUnit.MICROSECOND]: 1_000,
  [TimeUnit.NANOSECOND]: 1,
} as const;
const UNITS = [TimeUnit.SECOND, TimeUnit.MILLISECOND, TimeUnit.MICROSECOND, TimeUnit.NANOSECOND] as const;
/** Below this magnitude, a double that is rounded is an integer of 64 bits all the same. */
const SAFE_INT64 = 2 ** 63 - 2 ** 12;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** Microseconds from the first Julian day to 1970. */
const JULIAN_EPOCH_MICROSECONDS = 2_440_588n * 86_400_000_000n;

/** A value that a unit cannot represent. */
interface Misfit {
  /** Index in the file, from 0. */
  readonly row: number;
  readonly value: string;
}

/** A leaf of the schema that has INT96 timestamps. */
interface Int96Leaf {
  readonly column: string;
  /** The units to choose from, the preferred one first. */
  readonly units: readonly TimeUnit[];
  /** The first value that a unit cannot represent. */
  readonly misfits: Map<TimeUnit, Misfit>;
}

type ScanOptions = RowGroupOptions & { readonly signal?: AbortSignal | undefined };

/** Whether a footer has columns of INT96. */
export function hasInt96({ struct }: Footer): boolean {
  return leafTypes(struct).some(isInt96);
}

function isInt96({ type }: LeafType): boolean {
  return type === INT96_TYPE;
}

/**
 * Give each INT96 timestamp a unit that represents all of its values exactly: the unit of the footer's Arrow schema, or
 * else microseconds, or else nanoseconds.
 *
 * @param footer - The footer, of the selected columns.
 * @returns The footer with these units in its Arrow schema, and the schema as the decoder now understands it.
 * @throws {FormatError} No unit represents all values of a column, or a row group is damaged or too large.
 */
export async function withExactInt96(
  source: ByteRanges,
  footer: Footer,
  options: ScanOptions,
): Promise<{ footer: Footer; schema: Schema }> {
  const { address } = options;
  const leaves = await scanLeaves(source, footer, options);
  return attempt(address, "the footer", async () => {
    const units = leaves.map((leaf) => unitOf(leaf, address));
    const schema = withUnits(await decodedSchema(source, footer), leafTypes(footer.struct), units);
    const exact = { ...footer, struct: withArrowSchema(footer.struct, schema) };
    return { footer: exact, schema: await decodedSchema(source, exact) };
  });
}

/** Read the INT96 timestamps of all row groups, and find the values that the units cannot represent. */
async function scanLeaves(
  source: ByteRanges,
  whole: Footer,
  options: ScanOptions,
): Promise<readonly Int96Leaf[]> {
  const { footer, types, schema, leaves } = await attempt(options.address, "the footer", async () => {
    const columns = leafTypes(whole.struct).filter(isInt96);
    const footer = selectColumns(whole, new Set(columns.map(({ column }) => column)));
    const types = leafTypes(footer.struct);
    const schema = await decodedSchema(source, footer);
    return { footer, types, schema, leaves: int96Leaves(types, schema, hasArrowSchema(footer.struct)) };
  });
  const decodeAs = (unit: TimeUnit, file: Uint8Array, rows: number): readonly LeafData[] => {
    const units = leaves.map(() => unit);
    return decodeLeaves(withSchema(file, withUnits(schema, types, units)), rows, types);
  };
  let firstRow = 0;
  for (const [index, group] of footer.rowGroups.entries()) {
    options.signal?.throwIfAborted();
    await readRowGroup(source, footer, index, schema, options, (file, rows) => {
      const nanoseconds = decodeAs(TimeUnit.NANOSECOND, file, rows);
      for (const [at, seconds] of decodeAs(TimeUnit.SECOND, file, rows).entries()) {
        // The batches stand one after another, each with all leaves.
        const leaf = leaves[at % leaves.length];
        const sameValues = nanoseconds[at];
        if (leaf !== undefined && sameValues !== undefined) {
          addMisfits(leaf, seconds, sameValues, firstRow);
        }
      }
    });
    // Stop at the first row group that leaves no unit.
    leaves.forEach((leaf) => unitOf(leaf, options.address));
    firstRow += group.rows;
  }
  return leaves;
}

/** @param isDeclared - Whether the units of the schema are those of the writer, not a default of the decoder. */
function int96Leaves(types: readonly LeafType[], schema: Schema, isDeclared: boolean): readonly Int96Leaf[] {
  const leaves: Int96Leaf[] = [];
  mapInt96(schema, types, (type, ordinal, column) => {
    const units = [TimeUnit.MICROSECOND, TimeUnit.NANOSECOND];
    leaves[ordinal] = { column, units: isDeclared ? [type.unit, ...units] : units, misfits: new Map() };
    return type;
  });
  return leaves;
}

/** A schema in which the INT96 timestamps have other units. */
function withUnits(schema: Schema, types: readonly LeafType[], units: readonly TimeUnit[]): Schema {
  return mapInt96(
    schema,
    types,
    (type, ordinal) => new Timestamp(units[ordinal] ?? type.unit, type.timezone),
  );
}

/**
 * Change the types of the INT96 timestamps of a schema.
 *
 * @param types - Parquet's types of the same leaves.
 * @throws {RangeError} The schema is not that of the leaves.
 */
function mapInt96(
  schema: Schema,
  types: readonly LeafType[],
  change: (type: Timestamp, ordinal: number, column: string) => Timestamp,
): Schema {
  let leaves = 0;
  let ordinal = 0;
  const fields = withLeafTypes(schema.fields, (type) => {
    const leaf = types[leaves++];
    if (leaf === undefined || !isInt96(leaf)) {
      return type;
    }
    if (!DataType.isTimestamp(type)) {
      throw new RangeError(`column ${shown(leaf.column)} has INT96 values that are not timestamps`);
    }
    return change(type, ordinal++, leaf.column);
  });
  checkCount("leaves in the Arrow schema", leaves, types.length);
  return new Schema(fields);
}

/** A whole file in memory with another Arrow schema in its footer. */
function withSchema(file: Uint8Array, schema: Schema): Uint8Array {
  const { footer, start } = footerOf(file);
  return Buffer.concat([file.subarray(0, start), footerBytes(withArrowSchema(footer.struct, schema))]);
}

/** Decode the INT96 timestamps of a file: the leaves of the first batch, then of the second, and so on. */
function decodeLeaves(file: Uint8Array, rows: number, types: readonly LeafType[]): readonly LeafData[] {
  const table = decode(file);
  checkCount("rows", table.numRows, rows);
  let firstRow = 0;
  return table.batches.flatMap(({ data, numRows }) => {
    const first = firstRow;
    firstRow += numRows;
    return leavesOf(data, (row) => first + row).filter((_, leaf) => {
      const type = types[leaf];
      return type !== undefined && isInt96(type);
    });
  });
}

/**
 * Note the first values of a leaf that the units cannot represent.
 *
 * @param seconds - The values, rounded towards zero.
 * @param nanoseconds - The same, modulo 2^64.
 */
function addMisfits(
  { misfits }: Int96Leaf,
  { data: seconds, rowOf }: LeafData,
  { data: nanoseconds }: LeafData,
  firstRow: number,
): void {
  const secondWords = wordsOf(seconds);
  const nanosecondWords = wordsOf(nanoseconds);
  for (let index = 0; index < seconds.length; index++) {
    const low = secondWords[WORDS_PER_VALUE * index] ?? 0;
    const high = secondWords[WORDS_PER_VALUE * index + 1] ?? 0;
    const second = high * WORD_VALUES + (low >>> 0);
    // The rest is less than a second, so that 32 bits suffice for it.
    const rest =
      ((nanosecondWords[WORDS_PER_VALUE * index] ?? 0) - Math.imul(low, NANOSECONDS_PER_SECOND)) | 0;
    for (const unit of UNITS) {
      if (!misfits.has(unit) && !isExact(second, rest, unit) && seconds.getValid(index)) {
        misfits.set(unit, { row: firstRow + rowOf(index), value: shownInstant(second, rest) });
      }
    }
  }
}

/** The 32-bit words of timestamps. */
function wordsOf(data: Data): Int32Array {
  if (!isTimestampData(data)) {
    throw new RangeError(`INT96 values are ${shownType(data.type)}, expected timestamps`);
  }
  const { buffer, byteOffset, byteLength } = data.values;
  return new Int32Array(buffer, byteOffset, byteLength / Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Whether a unit represents an instant, which is some seconds and a rest of nanoseconds from 1970.
 *
 * Spark adds the microseconds of the Julian epoch to those since 1970 without a check of overflow. From the year 287564
 * on it therefore writes days far in the past, which it reads as the right microseconds: they are right modulo 2^64.
 */
function isExact(seconds: number, rest: number, unit: TimeUnit): boolean {
  const nanoseconds = UNIT_NANOSECONDS[unit];
  if (rest % nanoseconds !== 0) {
    return false;
  }
  const perSecond = NANOSECONDS_PER_SECOND / nanoseconds;
  if ((Math.abs(seconds) + 1) * perSecond < SAFE_INT64) {
    return true;
  }
  const value = BigInt(seconds) * BigInt(perSecond) + BigInt(rest / nanoseconds);
  const lowest = unit === TimeUnit.MICROSECOND ? MIN_INT64 - JULIAN_EPOCH_MICROSECONDS : MIN_INT64;
  return value >= lowest && value <= MAX_INT64;
}

/**
 * The first of a leaf's units that represents all of its values.
 *
 * @throws {FormatError} There is none.
 */
function unitOf({ column, units, misfits }: Int96Leaf, address: string): TimeUnit {
  const unit = units.find((unit) => !misfits.has(unit));
  if (unit !== undefined) {
    return unit;
  }
  const coarse = misfits.get(TimeUnit.MICROSECOND);
  const far = misfits.get(TimeUnit.NANOSECOND);
  if (coarse === undefined || far === undefined) {
    throw new RangeError(`column ${shown(column)} has no unit`);
  }
  const found = `${address} row ${far.row + 1}: column ${shown(column)}: found ${far.value}`;
  throw new FormatError(
    coarse.row === far.row
      ? `${found}, which a timestamp can represent neither in microseconds nor in nanoseconds`
      : `${found}, which a timestamp in nanoseconds cannot represent; ` +
          `one in microseconds cannot represent ${coarse.value} in row ${coarse.row + 1}`,
  );
}

/** An instant in ISO 8601, or its distance from 1970 if its year has more digits than dates of JavaScript. */
function shownInstant(seconds: number, rest: number): string {
  const whole = rest < 0 ? seconds - 1 : seconds;
  const fraction = rest < 0 ? rest + NANOSECONDS_PER_SECOND : rest;
  const date = new Date(whole * 1000);
  const digits = `.${String(fraction).padStart(9, "0")}`;
  return Number.isNaN(date.getTime())
    ? `${whole}${digits} seconds after 1970`
    : date.toISOString().replace(/\.\d+Z$/, digits);
}
