import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { readParquet, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import type { ByteRanges } from "@ml-pipelines/pipeline-utils/formats";
import { Dictionary, Int32, makeData, makeVector, Table, Utf8, Vector, vectorFromArray } from "apache-arrow";
import { FormatError } from "@ml-pipelines/pipeline-utils";
import { attempt, rangesOf } from "../../src/formats/parquet/byte-ranges.js";
import {
  COLUMN_META_DATA,
  FILE_META_DATA,
  ROW_GROUP,
  SCHEMA_ELEMENT,
  SIZE_STATISTICS,
  structList,
  structListField,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { ParquetFile } from "../../src/formats/parquet/read-parquet.js";
import { THRIFT_TYPES } from "../../src/formats/parquet/thrift.js";
import { bytesOf, streamOf } from "./bytes.js";
import { changedColumns, changedFooter, changedGroups } from "./changed-footer.js";

const address = "s3://b/k.parquet";
const texts = Array.from("abcdefghij");
const table = new Table({
  id: makeVector(Int32Array.from({ length: 10 }, (_, row) => row)),
  text: vectorFromArray(texts, new Utf8()),
  other: makeVector(Float64Array.from({ length: 10 }, (_, row) => row / 8)),
});
const bytes = await bytesOf(writeParquet(table));
const read = (file: Uint8Array, columns?: string[]): Promise<Table> =>
  readParquet(streamOf(file), { address, ...(columns && { columns }) });

test("rejects a column whose type is not a number, which the decoder itself passes over", async () => {
  const untyped = changedFooter(bytes, ({ struct }) => {
    const [root, id, ...others] = structListField(struct, FILE_META_DATA.schema);
    const changed = new Map(id).set(SCHEMA_ELEMENT.type, { type: THRIFT_TYPES.LIST, value: structList([]) });
    return withFields(struct, { [FILE_META_DATA.schema]: structList([root!, changed, ...others]) });
  });
  await expect(read(untyped)).rejects.toThrow(FormatError);
  await expect(read(untyped)).rejects.toThrow(
    `${address}: the footer is not readable as Parquet: field 1 is missing, expected a number`,
  );
});

describe("a footer with wrong counts of rows", () => {
  test.each([0n, 5n, 2n ** 40n])("rejects %d rows in a row group", async (rows) => {
    const reading = read(changedGroups(bytes, { [ROW_GROUP.rows]: rows }));
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(
      `s3://b/k.parquet: the footer is not readable as Parquet: found ${rows} rows in the row groups, the footer states 10`,
    );
  });

  test("rejects wrong counts that agree in the row group and the file", async () => {
    const fewer = changedGroups(
      changedFooter(bytes, ({ struct }) => withFields(struct, { [FILE_META_DATA.rows]: 5n })),
      { [ROW_GROUP.rows]: 5n },
    );
    await expect(read(fewer)).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1 is not readable as Parquet: found 10 rows, the footer states 5",
    );
  });

  test("rejects rows without a row group", async () => {
    const without = changedFooter(bytes, ({ struct }) =>
      withFields(struct, { [FILE_META_DATA.rowGroups]: structList([]) }),
    );
    await expect(read(without)).rejects.toThrow("found 0 rows in the row groups, the footer states 10");
  });
});

describe("page headers", () => {
  test("rejects a misplaced column at once, for which the decoder took 80 seconds", async () => {
    const file = await readFile(new URL("../fixtures/formats/misplaced-column.parquet", import.meta.url));
    await expect(read(file, ["s"])).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1 is not readable as Parquet: Parquet does not use Thrift type 11",
    );
    expect((await read(file, ["a", "b"])).numRows).toBe(500);
  });

  test("rejects a footer that states fewer values, and therefore less memory", async () => {
    await expect(read(changedColumns(bytes, { [COLUMN_META_DATA.values]: 5n }))).rejects.toThrow(
      'row group 1 of 1 is not readable as Parquet: found 10 values in column "id", the footer states 5',
    );
  });

  test("rejects a footer that states fewer bytes", async () => {
    const file = await ParquetFile.open(
      rangesOf(changedColumns(bytes, { [COLUMN_META_DATA.uncompressedSize]: 1n })),
      { address, maxRowGroupBytes: 220 },
    );
    await expect(file.read(0)).rejects.toThrow(
      /^s3:\/\/b\/k\.parquet: row group 1 of 1 has 2\d\d bytes, more than the 220 that can be decoded at once$/,
    );
  });

  test("rejects a page that is longer than its column", async () => {
    await expect(read(changedColumns(bytes, { [COLUMN_META_DATA.compressedSize]: 30n }))).rejects.toThrow(
      /row group 1 of 1 is not readable as Parquet: a page of \d+ bytes is \d+ bytes longer than its column/,
    );
  });
});

describe("a footer that would fill the memory", () => {
  /** A file that has nothing but a footer. */
  const fileOf = (...footer: Uint8Array[]): Buffer => {
    const bytes = Buffer.concat(footer);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from("PAR1"), bytes, length, Buffer.from("PAR1")]);
  };
  const LIST_OF_STRUCTS = [0x29, 0xfc];

  test("rejects one long list", async () => {
    const fourMillionAndOne = [0x81, 0x92, 0xf4, 0x01];
    const file = fileOf(Buffer.from([...LIST_OF_STRUCTS, ...fourMillionAndOne]), Buffer.alloc(4_000_002));
    await expect(read(file)).rejects.toThrow(
      "the footer is not readable as Parquet: a list has 4000001 items, expected at most 4000000",
    );
  });

  test("rejects many values", async () => {
    const fourThousand = [0xa0, 0x1f];
    const struct = Buffer.alloc(1001, 0x11).fill(0, 1000);
    const structs = Buffer.alloc(4000 * struct.length, struct);
    await expect(read(fileOf(Buffer.from([...LIST_OF_STRUCTS, ...fourThousand]), structs))).rejects.toThrow(
      "the footer is not readable as Parquet: there are more than 4000000 values",
    );
  });

  test("rejects lists nested deeper than 32", async () => {
    await expect(read(fileOf(Buffer.alloc(1000, 0x19)))).rejects.toThrow(
      "the footer is not readable as Parquet: values are nested deeper than 32",
    );
  });
});

describe("columns of one name", () => {
  /** The third column has the name of the first. */
  const twice = changedFooter(bytes, ({ struct }) => {
    const [root, id, text, other] = structListField(struct, FILE_META_DATA.schema);
    const name = Buffer.from("id");
    const schema = [root!, id!, text!, withFields(other!, { [SCHEMA_ELEMENT.name]: name })];
    return withFields(struct, {
      [FILE_META_DATA.schema]: structList(schema),
      [FILE_META_DATA.keyValues]: undefined,
    });
  });

  test("rejects two columns of one name, as CSV does", async () => {
    const reading = read(twice);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow('s3://b/k.parquet: columns 1 and 3 are both named "id"');
    await expect(read(twice, ["id"])).rejects.toThrow('columns 1 and 3 are both named "id"');
  });

  test("reads another column of the file", async () => {
    expect([...(await read(twice, ["text"])).getChild("text")!]).toEqual(texts);
  });

  test("rejects a name that is given twice", async () => {
    await expect(read(bytes, ["id", "id"])).rejects.toThrow(
      new TypeError("columns is [ 'id', 'id' ], expected each name once"),
    );
  });
});

test("rejects a file that is compressed with LZO", async () => {
  const file = changedColumns(bytes, { [COLUMN_META_DATA.codec]: 3n });
  await expect(read(file)).rejects.toThrow(
    "s3://b/k.parquet: row group 1 of 1 is compressed with LZO, which this reader does not support",
  );
});

test("rejects an encrypted file", async () => {
  const file = Buffer.concat([Buffer.from("PARE"), bytes.subarray(4, -4), Buffer.from("PARE")]);
  await expect(read(file)).rejects.toThrow(
    's3://b/k.parquet: found "PARE" of an encrypted file, expected "PAR1" of a Parquet file at the beginning',
  );
});

test("rejects a source of ranges that returns fewer bytes than asked for", async () => {
  const source: ByteRanges = {
    size: bytes.length,
    read: async (start, end) => bytes.subarray(start, start === 0 ? end : end - 1),
  };
  await expect(readParquet(source, { address })).rejects.toThrow(
    "s3://b/k.parquet: the footer is not readable as Parquet: the source gave 3 bytes, expected 4",
  );
});

describe("values that would fill the memory of the decoder", () => {
  test("rejects too many numbers by their count", async () => {
    const file = changedColumns(
      await bytesOf(writeParquet(new Table({ n: makeVector(Float64Array.of(1, 2)) }))),
      {
        [COLUMN_META_DATA.values]: 134_217_729n,
      },
    );
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1, decoded, has 1073741832 bytes, more than the 1073741824 that can",
    );
  });

  test("rejects too long texts by the size that the writer states", async () => {
    const texts = new Table({ t: vectorFromArray(["a", "b"], new Utf8()) });
    const file = changedColumns(await bytesOf(writeParquet(texts)), {
      [COLUMN_META_DATA.sizeStatistics]: new Map([
        [SIZE_STATISTICS.byteArrayBytes, { type: THRIFT_TYPES.I64, value: 2n ** 31n }],
      ]),
    });
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1, decoded, has 2147483656 bytes, more than the 1073741824 that can",
    );
  });

  test("reads a dictionary, which holds each long text once", async () => {
    const type = new Dictionary(new Utf8(), new Int32());
    const dictionary = vectorFromArray(["a".repeat(10_000), "b".repeat(10_000)], new Utf8());
    const data = Int32Array.from({ length: 131_072 }, (_, row) => row % 2);
    const column = new Vector([makeData({ type, length: data.length, data, dictionary })]);
    const again = await readParquet(writeParquet(new Table({ t: column })));
    expect(String(again.schema)).toBe("Schema<{ 0: t: Dictionary<Int32, Utf8> }>");
    expect([again.numRows, again.getChild("t")?.get(1)]).toEqual([131_072, "b".repeat(10_000)]);
  });
});

test("names both possible causes of a trap of the decoder", async () => {
  const trap = attempt(address, "row group 1 of 1", async () => {
    throw Object.assign(new Error("unreachable"), { name: "RuntimeError" });
  });
  await expect(trap).rejects.toThrow(FormatError);
  await expect(trap).rejects.toThrow(
    "s3://b/k.parquet: row group 1 of 1 is not readable as Parquet: it is damaged, or larger than the decoder's memory once decoded (unreachable)",
  );
});
