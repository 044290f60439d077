import { describe, expect, test } from "@jest/globals";
import { Dictionary, Int32, makeData, makeVector, Table, Utf8, Vector, vectorFromArray } from "apache-arrow";
import { ColumnMetaData, SizeStatistics } from "../../src/formats/parquet/footer-fields.js";
import { readParquet } from "../../src/formats/parquet/read-parquet.js";
import { ThriftType } from "../../src/formats/parquet/thrift-value.js";
import { writeParquet } from "../../src/formats/parquet/write-parquet.js";
import { bytesOf, streamOf } from "./bytes.js";
import { changedColumns } from "./changed-footer.js";

const address = "s3://b/k.parquet";

describe("values that take more memory than the decoder has", () => {
  test("of numbers, by how many there are", async () => {
    const file = changedColumns(
      await bytesOf(writeParquet(new Table({ n: makeVector(Float64Array.of(1, 2)) }))),
      {
        [ColumnMetaData.values]: 134_217_729n,
      },
    );
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1, decoded, has 1073741832 bytes, of which at most 1073741824 can",
    );
  });

  test("of texts, by the size that the writer tells", async () => {
    const texts = new Table({ t: vectorFromArray(["a", "b"], new Utf8()) });
    const file = changedColumns(await bytesOf(writeParquet(texts)), {
      [ColumnMetaData.sizeStatistics]: new Map([
        [SizeStatistics.byteArrayBytes, { type: ThriftType.I64, value: 2n ** 31n }],
      ]),
    });
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      "s3://b/k.parquet: row group 1 of 1, decoded, has 2147483656 bytes, of which at most 1073741824 can",
    );
  });

  test("but not of a dictionary's texts, which are there once, however often they occur", async () => {
    const type = new Dictionary(new Utf8(), new Int32());
    const dictionary = vectorFromArray(["a".repeat(10_000), "b".repeat(10_000)], new Utf8());
    const data = Int32Array.from({ length: 131_072 }, (_, row) => row % 2);
    const column = new Vector([makeData({ type, length: data.length, data, dictionary })]);
    const again = await readParquet(writeParquet(new Table({ t: column })));
    expect(String(again.schema)).toBe("Schema<{ 0: t: Dictionary<Int32, Utf8> }>");
    expect([again.numRows, again.getChild("t")?.get(1)]).toEqual([131_072, "b".repeat(10_000)]);
  });
});
