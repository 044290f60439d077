import { describe, expect, test } from "@jest/globals";
import { readParquetBatches, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import { Field, Int32, List, makeVector, Table, vectorFromArray } from "apache-arrow";
import { rangesOf } from "../../src/formats/parquet/byte-ranges.js";
import {
  COLUMN_CHUNK,
  COLUMN_META_DATA,
  DATA_PAGE_HEADER,
  FILE_META_DATA,
  PAGE_HEADER,
  ROW_GROUP,
  SCHEMA_ELEMENT,
  structField,
  structList,
  structListField,
  textField,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { footerOf } from "../../src/formats/parquet/footer.js";
import { THRIFT_TYPES, thriftBytes, ThriftReader } from "../../src/formats/parquet/thrift.js";
import type { ThriftStruct } from "../../src/formats/parquet/thrift.js";
import { bytesOf } from "./bytes.js";
import { changedColumns, changedFooter, changedGroups } from "./changed-footer.js";
import { address, bytes, read, rowsOf, table } from "./foreign-parquet.js";

// Counts and places as other programs write them, made from files of `writeParquet` by changes of their footers.

const ENCODING_STATISTICS = { [COLUMN_META_DATA.sizeStatistics]: undefined, 12: undefined, 13: undefined };
const integer = (value: bigint) => ({ type: THRIFT_TYPES.I64, value });

const ROWS = ['{"n": 1, "text": "a"}', '{"n": null, "text": "b"}', '{"n": 3, "text": null}'];

/** The footer's entry of a row group without rows, of which each chunk has other fields. */
function emptyGroup(group: ThriftStruct, chunkFields: ThriftStruct): ThriftStruct {
  const columns = structListField(group, ROW_GROUP.columns).map((chunk) => {
    const metaData = structField(chunk, COLUMN_CHUNK.metaData);
    const changed = new Map([...withFields(metaData, ENCODING_STATISTICS), ...chunkFields]);
    return withFields(chunk, { [COLUMN_CHUNK.metaData]: changed });
  });
  return withFields(group, { [ROW_GROUP.columns]: structList(columns), [ROW_GROUP.rows]: 0n });
}

/** A file to which row groups without rows are added, before and after its own. */
function withEmptyGroups(file: Uint8Array, chunkFields: ThriftStruct, isOwnKept: boolean): Buffer {
  return changedFooter(file, ({ struct, rowGroups }) => {
    const own = rowGroups.map((group) => group.struct);
    const [first] = own;
    const empty = first === undefined ? [] : [emptyGroup(first, chunkFields)];
    const groups = isOwnKept ? [...empty, ...own, ...empty, ...own, ...empty] : empty;
    const rows = isOwnKept ? 2n * BigInt(table.numRows) : 0n;
    return withFields(struct, {
      [FILE_META_DATA.rowGroups]: structList(groups),
      [FILE_META_DATA.rows]: rows,
    });
  });
}

describe("a row group without rows", () => {
  const { dataPageOffset, dictionaryPageOffset, values, compressedSize } = COLUMN_META_DATA;
  /** The bytes of a header of a dictionary page, which is all that the chunks of some writers have. */
  const dictionary = thriftBytes(
    new Map([
      [1, { type: THRIFT_TYPES.I32, value: 2n }],
      [PAGE_HEADER.uncompressedSize, { type: THRIFT_TYPES.I32, value: 0n }],
      [PAGE_HEADER.compressedSize, { type: THRIFT_TYPES.I32, value: 0n }],
    ]),
  );
  const withDictionary = (() => {
    const { start } = footerOf(bytes);
    const moved = Buffer.concat([bytes.subarray(0, start), dictionary, bytes.subarray(start)]);
    return { file: moved, start };
  })();
  const places: Record<string, ThriftStruct> = {
    "its data at 0 behind a dictionary": new Map([
      [dataPageOffset, integer(0n)],
      [dictionaryPageOffset, integer(BigInt(withDictionary.start))],
      [values, integer(0n)],
      [compressedSize, integer(BigInt(dictionary.length))],
    ]),
    "no place": new Map([
      [dataPageOffset, integer(0n)],
      [dictionaryPageOffset, integer(0n)],
      [values, integer(0n)],
      [compressedSize, integer(0n)],
    ]),
    "bytes but no place": new Map([
      [dataPageOffset, integer(0n)],
      [dictionaryPageOffset, integer(0n)],
      [values, integer(0n)],
      [compressedSize, integer(14n)],
    ]),
    "a place behind the file, without bytes": new Map([
      [dataPageOffset, integer(10_000n)],
      [dictionaryPageOffset, integer(0n)],
      [values, integer(0n)],
      [compressedSize, integer(0n)],
    ]),
  };

  test.each(Object.entries(places))("returns no rows when it has %s", async (_, chunkFields) => {
    const found = await read(withEmptyGroups(withDictionary.file, chunkFields, false));
    expect(String(found.schema)).toBe("Schema<{ 0: n: Int32, 1: text: Utf8 }>");
    expect(found.numRows).toBe(0);
    const selected = await read(withEmptyGroups(withDictionary.file, chunkFields, false), ["text"]);
    expect(String(selected.schema)).toBe("Schema<{ 0: text: Utf8 }>");
  });

  test.each(Object.entries(places))(
    "returns the rows of the others when it stands between them and has %s",
    async (_, chunkFields) => {
      const file = withEmptyGroups(withDictionary.file, chunkFields, true);
      expect(rowsOf(await read(file))).toEqual([...ROWS, ...ROWS]);
      const batches: number[] = [];
      for await (const batch of readParquetBatches(rangesOf(file), { address, columns: ["n"] })) {
        batches.push(batch.numRows);
      }
      expect(batches).toEqual([3, 3]);
    },
  );

  test("rejects a row group whose pages have values", async () => {
    const file = changedGroups(
      changedFooter(bytes, ({ struct }) => withFields(struct, { [FILE_META_DATA.rows]: 0n })),
      { [ROW_GROUP.rows]: 0n },
    );
    await expect(read(file)).rejects.toThrow(
      's3://b/k.parquet: row group 1 of 1 is not readable as Parquet: found 3 values in column "n" of a row group ' +
        "without rows, the footer states 0",
    );
  });

  test("rejects a row group that lies outside the file", async () => {
    const outside = new Map([
      [dataPageOffset, integer(10_000n)],
      [dictionaryPageOffset, integer(0n)],
      [compressedSize, integer(14n)],
      [values, integer(0n)],
    ]);
    await expect(read(withEmptyGroups(bytes, outside, true))).rejects.toThrow(
      "the footer is not readable as Parquet: a column lies at",
    );
  });

  test("returns the physical type when parquet-cpp annotated a column of nulls with the number 24", async () => {
    const file = changedFooter(bytes, ({ struct }) => {
      const schema = structListField(struct, FILE_META_DATA.schema).map((element) =>
        textField(element, SCHEMA_ELEMENT.name) === "n"
          ? new Map([...element, [SCHEMA_ELEMENT.convertedType, { type: THRIFT_TYPES.I32, value: 24n }]])
          : element,
      );
      return withFields(struct, {
        [FILE_META_DATA.schema]: structList(schema),
        [FILE_META_DATA.keyValues]: undefined,
      });
    });
    const found = await read(file);
    expect(String(found.schema)).toBe("Schema<{ 0: n: Int32, 1: text: Utf8 }>");
    expect(rowsOf(found)).toEqual(ROWS);
  });
});

describe("a file without counts", () => {
  const lists = new Table({
    list: vectorFromArray([[1, 2], null, [], [3, null]], new List(new Field("item", new Int32(), true))),
    row: makeVector(Int32Array.of(0, 1, 2, 3)),
  });

  test("returns all rows when the footer states 0 for the file", async () => {
    const file = changedFooter(bytes, ({ struct }) => withFields(struct, { [FILE_META_DATA.rows]: 0n }));
    expect(rowsOf(await read(file))).toEqual(ROWS);
    expect(rowsOf(await read(file, ["text"]))).toEqual(['{"text": "a"}', '{"text": "b"}', '{"text": null}']);
  });

  test("rejects a row group with another count when the footer states 0 for the file", async () => {
    const file = changedFooter(bytes, ({ struct }) => withFields(struct, { [FILE_META_DATA.rows]: 0n }));
    await expect(read(changedGroups(file, { [ROW_GROUP.rows]: 2n }))).rejects.toThrow(
      "row group 1 of 1 is not readable as Parquet: found 3 rows, the footer states 2",
    );
    await expect(read(changedGroups(file, { [ROW_GROUP.rows]: 4n }))).rejects.toThrow(
      'found 3 values in column "n", expected at least one for each of the 4 rows',
    );
  });

  test("returns all rows when the footer states 0 values for each column", async () => {
    expect(rowsOf(await read(changedColumns(bytes, { [COLUMN_META_DATA.values]: 0n })))).toEqual(ROWS);
    const file = await bytesOf(writeParquet(lists));
    expect(rowsOf(await read(changedColumns(file, { [COLUMN_META_DATA.values]: 0n })))).toEqual(
      rowsOf(lists),
    );
  });

  test("rejects a column without pages when the footer states 0 values", async () => {
    const file = changedColumns(bytes, {
      [COLUMN_META_DATA.values]: 0n,
      [COLUMN_META_DATA.compressedSize]: 0n,
    });
    await expect(read(file)).rejects.toThrow(
      'found 0 values in column "n", expected at least one for each of the 3 rows',
    );
  });

  test("rejects pages that would fill the decoder's memory when the footer states 0 values", async () => {
    const values = Float64Array.from({ length: 1000 }, (_, row) => Math.sin(row));
    const file = await bytesOf(writeParquet(new Table({ f: makeVector(values) })));
    const reader = new ThriftReader(file.subarray(4));
    const header = reader.readStruct();
    const page = structField(header, PAGE_HEADER.dataPage);
    const larger = thriftBytes(
      withFields(header, {
        [PAGE_HEADER.dataPage]: withFields(page, { [DATA_PAGE_HEADER.values]: 134_217_729n }),
      }),
    );
    const grown = larger.length - reader.position;
    const moved = Buffer.concat([file.subarray(0, 4), larger, file.subarray(4 + reader.position)]);
    const [chunk] = footerOf(file).footer.rowGroups[0]?.chunks ?? [];
    const changed = changedColumns(moved, {
      [COLUMN_META_DATA.values]: 0n,
      [COLUMN_META_DATA.compressedSize]: BigInt((chunk?.length ?? 0) + grown),
    });
    await expect(read(changed)).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1, decoded, has 1073741832 bytes, more than the 1073741824 that can",
    );
  });
});

test("returns all rows when the footer states the offset 0 for a dictionary that does not exist", async () => {
  const values = Float64Array.from({ length: 1000 }, (_, row) => Math.sin(row));
  const file = await bytesOf(writeParquet(new Table({ f: makeVector(values) })));
  const changed = changedFooter(file, ({ struct, rowGroups }) =>
    withFields(struct, {
      [FILE_META_DATA.rowGroups]: structList(
        rowGroups.map((group) =>
          withFields(group.struct, {
            [ROW_GROUP.columns]: structList(
              group.chunks.map((chunk) => {
                const metaData = structField(chunk.struct, COLUMN_CHUNK.metaData);
                expect(metaData.has(COLUMN_META_DATA.dictionaryPageOffset)).toBe(false);
                return withFields(chunk.struct, {
                  [COLUMN_CHUNK.metaData]: new Map([
                    ...metaData,
                    [COLUMN_META_DATA.dictionaryPageOffset, integer(0n)],
                  ]),
                });
              }),
            ),
          }),
        ),
      ),
    }),
  );
  expect((await read(changed)).getChild("f")?.toArray()).toEqual(values);
});
