import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { FormatError } from "../../src/errors.js";
import { type ByteRanges, rangesOf } from "../../src/formats/parquet/byte-ranges.js";
import {
  ColumnMetaData,
  FileMetaData,
  listOf,
  RowGroup,
  SchemaElement,
  structsOf,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { ParquetFile } from "../../src/formats/parquet/parquet-file.js";
import { readParquet } from "../../src/formats/parquet/read-parquet.js";
import { writeParquet } from "../../src/formats/parquet/write-parquet.js";
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

describe("a footer that tells of other rows than there are is an error, never fewer rows", () => {
  test.each([0n, 5n, 2n ** 40n])("%d in a row group", async (rows) => {
    const reading = read(changedGroups(bytes, { [RowGroup.rows]: rows }));
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(
      `s3://b/k.parquet: the footer is not readable as Parquet: found ${rows} rows in the row groups, the footer tells of 10`,
    );
  });

  test("in the row group and the file alike", async () => {
    const fewer = changedGroups(
      changedFooter(bytes, ({ struct }) => withFields(struct, { [FileMetaData.rows]: 5n })),
      { [RowGroup.rows]: 5n },
    );
    await expect(read(fewer)).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1 is not readable as Parquet: found 10 rows, the footer tells of 5",
    );
  });

  test("a row group that is left out", async () => {
    const without = changedFooter(bytes, ({ struct }) =>
      withFields(struct, { [FileMetaData.rowGroups]: listOf([]) }),
    );
    await expect(read(without)).rejects.toThrow("found 0 rows in the row groups, the footer tells of 10");
  });
});

describe("the pages are looked at before they are decoded", () => {
  test("where the footer places a column elsewhere, it is told at once: the decoder took 80 seconds", async () => {
    const file = await readFile(new URL("../fixtures/formats/misplaced-column.parquet", import.meta.url));
    await expect(read(file, ["s"])).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1 is not readable as Parquet: there is no type 11 in Parquet",
    );
    expect((await read(file, ["a", "b"])).numRows).toBe(500);
  });

  test("where the footer tells of fewer values, and so of less memory", async () => {
    await expect(read(changedColumns(bytes, { [ColumnMetaData.values]: 5n }))).rejects.toThrow(
      'row group 1 of 1 is not readable as Parquet: found 10 values in column "id", the footer tells of 5',
    );
  });

  test("where the footer tells of fewer bytes", async () => {
    const file = await ParquetFile.open(
      rangesOf(changedColumns(bytes, { [ColumnMetaData.uncompressedSize]: 1n })),
      { address, maxRowGroupBytes: 220 },
    );
    await expect(file.read(0)).rejects.toThrow(
      /^s3:\/\/b\/k\.parquet: row group 1 of 1 has 2\d\d bytes, of which at most 220 can be decoded at once$/,
    );
  });

  test("where a page does not end within its column", async () => {
    await expect(read(changedColumns(bytes, { [ColumnMetaData.compressedSize]: 30n }))).rejects.toThrow(
      /row group 1 of 1 is not readable as Parquet: a page has \d+ bytes, \d+ more than are there/,
    );
  });
});

describe("a footer that takes more memory than there is", () => {
  /** A file of a footer alone. */
  const fileOf = (...footer: Uint8Array[]): Buffer => {
    const bytes = Buffer.concat(footer);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from("PAR1"), bytes, length, Buffer.from("PAR1")]);
  };
  const LIST_OF_STRUCTS = [0x29, 0xfc];

  test("as one list", async () => {
    const fourMillionAndOne = [0x81, 0x92, 0xf4, 0x01];
    const file = fileOf(Buffer.from([...LIST_OF_STRUCTS, ...fourMillionAndOne]), Buffer.alloc(4_000_002));
    await expect(read(file)).rejects.toThrow(
      "the footer is not readable as Parquet: a list has 4000001 items, of which at most 4000000 are read",
    );
  });

  test("in many values", async () => {
    const fourThousand = [0xa0, 0x1f];
    const struct = Buffer.alloc(1001, 0x11).fill(0, 1000);
    const structs = Buffer.alloc(4000 * struct.length, struct);
    await expect(read(fileOf(Buffer.from([...LIST_OF_STRUCTS, ...fourThousand]), structs))).rejects.toThrow(
      "the footer is not readable as Parquet: there are more than 4000000 values",
    );
  });

  test("in lists of lists", async () => {
    await expect(read(fileOf(Buffer.alloc(1000, 0x19)))).rejects.toThrow(
      "the footer is not readable as Parquet: values are nested deeper than 32",
    );
  });
});

describe("columns of one name", () => {
  /** The third column is called as the first. */
  const twice = changedFooter(bytes, ({ struct }) => {
    const [root, id, text, other] = structsOf(struct, FileMetaData.schema);
    const name = Buffer.from("id");
    const schema = [root!, id!, text!, withFields(other!, { [SchemaElement.name]: name })];
    return withFields(struct, { [FileMetaData.schema]: listOf(schema), [FileMetaData.keyValues]: undefined });
  });

  test("are refused as in CSV", async () => {
    const reading = read(twice);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow('s3://b/k.parquet: columns 1 and 3 are both named "id"');
    await expect(read(twice, ["id"])).rejects.toThrow('columns 1 and 3 are both named "id"');
  });

  test("are of no consequence to the others", async () => {
    expect([...(await read(twice, ["text"])).getChild("text")!]).toEqual(texts);
  });

  test("cannot be asked for", async () => {
    await expect(read(bytes, ["id", "id"])).rejects.toThrow(
      new TypeError("columns is [ 'id', 'id' ], expected each name once"),
    );
  });
});

test("a file that is compressed with LZO is told as one", async () => {
  const file = changedColumns(bytes, { [ColumnMetaData.codec]: 3n });
  await expect(read(file)).rejects.toThrow(
    "s3://b/k.parquet: row group 1 of 1 is compressed with LZO, which this reader has not",
  );
});

test("an encrypted file is told as one", async () => {
  const file = Buffer.concat([Buffer.from("PARE"), bytes.subarray(4, -4), Buffer.from("PARE")]);
  await expect(read(file)).rejects.toThrow(
    's3://b/k.parquet: found "PARE" of an encrypted file at the beginning, expected "PAR1" of a Parquet file',
  );
});

test("a source of ranges that gives fewer bytes than asked for is at fault", async () => {
  const source: ByteRanges = {
    size: bytes.length,
    read: async (start, end) => bytes.subarray(start, start === 0 ? end : end - 1),
  };
  await expect(readParquet(source, { address })).rejects.toThrow(
    "s3://b/k.parquet: the footer is not readable as Parquet: the source gave 3 bytes of 4 asked for",
  );
});
