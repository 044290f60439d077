import { writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import { FixedSizeBinary, makeData, Vector } from "apache-arrow";
import type { Schema, Table } from "apache-arrow";
import {
  COLUMN_CHUNK,
  COLUMN_META_DATA,
  FILE_META_DATA,
  ROW_GROUP,
  SCHEMA_ELEMENT,
  structField,
  structList,
  structListField,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { withArrowSchema } from "../../src/formats/parquet/footer-schema.js";
import type { ThriftStruct } from "../../src/formats/parquet/thrift.js";
import { bytesOf } from "./bytes.js";
import { changedFooter } from "./changed-footer.js";

const INT96_BYTES = 12;
const INT96_TYPE = 3n;
const FIXED_LENGTH_TYPE = 7n;
const TYPE_LENGTH_FIELD = 2;
const STATISTICS_FIELD = 12;
const NANOSECONDS_PER_DAY = 86_400_000_000_000n;
const JULIAN_DAY_OF_1970 = 2_440_588n;

/** The type whose pages have the same bytes as those of INT96. */
export const INT96 = new FixedSizeBinary(INT96_BYTES);

/** An INT96 timestamp of a Julian day and nanoseconds of that day. */
export function int96OfDay(day: bigint, nanoseconds: bigint): Uint8Array {
  const bytes = Buffer.alloc(INT96_BYTES);
  bytes.writeBigInt64LE(nanoseconds);
  bytes.writeInt32LE(Number(day), 8);
  return Uint8Array.from(bytes);
}

/** An INT96 timestamp, by a time in UTC with up to nine digits of a second, such as `2024-01-01T20:34:56.123456`. */
export function int96(time: string): Uint8Array {
  const [whole, fraction = ""] = time.split(".");
  const seconds = BigInt(Date.parse(`${whole}Z`)) / 1000n;
  const nanoseconds = seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  const rest = ((nanoseconds % NANOSECONDS_PER_DAY) + NANOSECONDS_PER_DAY) % NANOSECONDS_PER_DAY;
  return int96OfDay((nanoseconds - rest) / NANOSECONDS_PER_DAY + JULIAN_DAY_OF_1970, rest);
}

/** A column with the same INT96 timestamp in each row, but for some. */
export function repeatedInt96(rows: number, value: Uint8Array, others: Record<number, Uint8Array>): Vector {
  const data = new Uint8Array(rows * INT96_BYTES);
  for (let row = 0; row < rows; row++) {
    data.set(others[row] ?? value, row * INT96_BYTES);
  }
  return new Vector([makeData({ type: INT96, length: rows, nullCount: 0, data })]);
}

/**
 * A Parquet file in which all leaves of type `INT96` are INT96 timestamps.
 *
 * @param schema - The Arrow schema in its footer. Default: none, as Spark and Impala write.
 */
export async function int96File(table: Table, schema?: Schema): Promise<Buffer> {
  const bytes = await bytesOf(writeParquet(table));
  return changedFooter(bytes, ({ struct, rowGroups }) => {
    const changed = withFields(struct, {
      [FILE_META_DATA.schema]: structList(structListField(struct, FILE_META_DATA.schema).map(int96Element)),
      [FILE_META_DATA.rowGroups]: structList(
        rowGroups.map(({ struct: group, chunks }) =>
          withFields(group, {
            [ROW_GROUP.columns]: structList(
              chunks.map(({ struct: chunk }) =>
                withFields(chunk, {
                  [COLUMN_CHUNK.metaData]: int96MetaData(structField(chunk, COLUMN_CHUNK.metaData)),
                }),
              ),
            ),
          }),
        ),
      ),
      [FILE_META_DATA.keyValues]: undefined,
    });
    return schema === undefined ? changed : withArrowSchema(changed, schema);
  });
}

function int96Element(element: ThriftStruct): ThriftStruct {
  return element.get(SCHEMA_ELEMENT.type)?.value === FIXED_LENGTH_TYPE
    ? withFields(element, { [SCHEMA_ELEMENT.type]: INT96_TYPE, [TYPE_LENGTH_FIELD]: undefined })
    : element;
}

function int96MetaData(metaData: ThriftStruct): ThriftStruct {
  return metaData.get(COLUMN_META_DATA.type)?.value === FIXED_LENGTH_TYPE
    ? withFields(metaData, { [COLUMN_META_DATA.type]: INT96_TYPE, [STATISTICS_FIELD]: undefined })
    : metaData;
}
