import { describe, expect, test } from "@jest/globals";
import {
  readParquet,
  readParquetBatches,
  writeParquet,
  writeParquetBatches,
} from "@ml-pipelines/pipeline-utils/formats";
import type { ByteRanges } from "@ml-pipelines/pipeline-utils/formats";
import type { RecordBatch } from "apache-arrow";
import { Field, Int32, makeVector, Schema, Table, Utf8, Utf8View, vectorFromArray } from "apache-arrow";
import { FormatError, SerialisationError } from "@ml-pipelines/pipeline-utils";
import { rangesOf } from "../../src/formats/parquet/byte-ranges.js";
import { ParquetFile, readParquetTable } from "../../src/formats/parquet/read-parquet.js";
import { bytesOf, streamOf } from "./bytes.js";
import { columnsOfTypes } from "./parquet-types.js";
import { plain } from "./plain.js";

const ROWS = 300_000;
/** Three row groups. */
const large = new Table({
  id: makeVector(Int32Array.from({ length: ROWS }, (_, row) => row)),
  noise: makeVector(Float64Array.from({ length: ROWS }, (_, row) => Math.sin(row))),
});
const address = "s3://b/k.parquet";
/** A table's columns as plain values; rows and nested values are compared as text. */
const shown = (table: Table): unknown =>
  plain(table).map(({ name, type, values }) => [name, type, values.map((value) => String(value))]);

describe("readParquet after writeParquet", () => {
  test.each(Object.keys(columnsOfTypes))("returns a column of type %s", async (name) => {
    const table = new Table({ column: columnsOfTypes[name]!, row: makeVector(Int32Array.of(1, 2, 3)) });
    for (const part of [table, table.slice(1), table.slice(0, 1), table.slice(3)]) {
      expect(shown(await readParquet(writeParquet(part)))).toEqual(shown(part));
    }
  });

  test("returns Utf8View as Utf8", async () => {
    const column = vectorFromArray(["a", null, "longer than twelve bytes"], new Utf8View());
    const again = await readParquet(writeParquet(new Table({ column }).slice(1)));
    expect(plain(again)).toEqual([
      { name: "column", type: "Utf8", values: [null, "longer than twelve bytes"] },
    ]);
  });

  test("returns a table without rows or batches", async () => {
    const schema = new Schema([new Field("n", new Int32(), true), new Field("t", new Utf8(), true)]);
    const again = await readParquet(writeParquet(new Table(schema)));
    expect(again.numRows).toBe(0);
    expect(String(again.schema)).toBe(String(schema));
    expect((await readParquet(writeParquet(new Table(schema)), { columns: ["t"] })).schema.names).toEqual([
      "t",
    ]);
  });

  test.each(["snappy", "zstd"] as const)("returns several row groups with %s", async (compression) => {
    const again = await readParquet(writeParquet(large, { compression }));
    expect(again.batches.map(({ numRows }) => numRows)).toEqual([131_072, 131_072, 37_856]);
    expect(again.getChild("id")?.toArray()).toEqual(large.getChild("id")?.toArray());
    expect(again.getChild("noise")?.toArray()).toEqual(large.getChild("noise")?.toArray());
  });
});

describe("reading parts of a file", () => {
  test("reads only the ranges of the columns asked for, in their order", async () => {
    const bytes = await bytesOf(writeParquet(large));
    let read = 0;
    const source: ByteRanges = {
      size: bytes.length,
      read: async (start, end) => {
        read += end - start;
        return bytes.subarray(start, end);
      },
    };
    const ids = await readParquet(source, { columns: ["id"] });
    expect(ids.schema.names).toEqual(["id"]);
    expect(ids.numRows).toBe(ROWS);
    expect(read).toBeLessThan(bytes.length / 2);
    expect((await readParquet(source, { columns: ["noise", "id"] })).schema.names).toEqual(["noise", "id"]);
  });

  test("rejects a missing column", async () => {
    const reading = readParquet(writeParquet(large), { address, columns: ["id", "x"] });
    await expect(reading).rejects.toThrow('s3://b/k.parquet: column "x" is missing, found "id", "noise"');
  });

  test("writes and reads batches", async () => {
    async function* batches(): AsyncIterable<RecordBatch> {
      for (let start = 0; start < ROWS; start += 50_000) {
        yield* large.slice(start, start + 50_000).batches;
      }
    }
    const bytes = await bytesOf(writeParquetBatches(batches()));
    const rows: number[] = [];
    for await (const batch of readParquetBatches(streamOf(bytes))) {
      rows.push(batch.numRows);
    }
    expect(rows).toEqual([131_072, 131_072, 37_856]);
    for await (const batch of readParquetBatches(rangesOf(bytes), { columns: ["noise"] })) {
      expect(batch.schema.names).toEqual(["noise"]);
      break; // The reader must allow this.
    }
  });

  test("rejects an empty source of batches", async () => {
    await expect(bytesOf(writeParquetBatches([]))).rejects.toThrow(SerialisationError);
    await expect(bytesOf(writeParquetBatches([]))).rejects.toThrow("there is no batch to write as Parquet");
  });

  test("throws the error of the batches' source unchanged", async () => {
    async function* batches(): AsyncIterable<RecordBatch> {
      yield* large.slice(0, 10).batches;
      throw new RangeError("the source failed");
    }
    await expect(bytesOf(writeParquetBatches(batches()))).rejects.toThrow(
      new RangeError("the source failed"),
    );
  });

  test.each<[string, (fault: Error) => Promise<Uint8Array>]>([
    ["rejected", (fault) => Promise.reject(fault)],
    [
      "thrown",
      (fault) => {
        throw fault;
      },
    ],
  ])("throws the error of the ranges' source, %s, unchanged", async (_, fail) => {
    const bytes = await bytesOf(writeParquet(large));
    const read = (start: number, end: number): Promise<Uint8Array> => {
      if (start > 0 && end < bytes.length / 2) {
        return fail(new RangeError("the store failed"));
      }
      return Promise.resolve(bytes.subarray(start, end));
    };
    await expect(readParquet({ size: bytes.length, read })).rejects.toThrow(
      new RangeError("the store failed"),
    );
  });

  test.each(["leaves early", "throws"])("closes the source of batches when the consumer %s", async (end) => {
    let isClosed = false;
    async function* batches(): AsyncIterable<RecordBatch> {
      try {
        for (;;) {
          yield* large.batches;
        }
      } finally {
        isClosed = true;
      }
    }
    const writing = (async () => {
      for await (const chunk of writeParquetBatches(batches())) {
        if (chunk.length < 1000) {
          continue;
        }
        if (end === "leaves early") {
          break;
        }
        throw new Error("enough");
      }
    })();
    if (end === "throws") {
      await expect(writing).rejects.toThrow("enough");
    } else {
      await writing;
    }
    expect(isClosed).toBe(true);
  });

  test("throws the reason when the signal is aborted", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(readParquet(rangesOf(await bytesOf(writeParquet(large))), { signal })).rejects.toThrow(
      "enough",
    );
  });
});

describe("the limits of memory", () => {
  test("rejects a table that is too large", async () => {
    const file = await ParquetFile.open(rangesOf(await bytesOf(writeParquet(large))), { address });
    await expect(readParquetTable(file, { address }, 1_000_000)).rejects.toThrow(FormatError);
    await expect(readParquetTable(file, { address }, 1_000_000)).rejects.toThrow(
      /^s3:\/\/b\/k\.parquet: the table has \d+ bytes, more than the 1000000 that readParquet reads; use readParquetBatches/,
    );
  });

  test("rejects a row group that is too large", async () => {
    const ranges = rangesOf(await bytesOf(writeParquet(large)));
    const file = await ParquetFile.open(ranges, { address, maxRowGroupBytes: 1000 });
    await expect(file.read(0)).rejects.toThrow(
      /^s3:\/\/b\/k\.parquet: row group 1 of 3 has \d+ bytes, more than the 1000 that can be decoded at once$/,
    );
  });
});

describe("bytes that are not Parquet", () => {
  test.each([
    ["too few bytes", "hello", "found 5 bytes, expected a Parquet file of at least 12"],
    ["a CSV file", "a,b\n1,2\n3,4\n", 'found "a,b\\n", expected "PAR1" of a Parquet file at the beginning'],
    [
      "a truncated file",
      "PAR1 and then nothing",
      'found "hing", expected "PAR1" of a Parquet file at the end; the file may be incomplete',
    ],
    ["a broken footer", "PAR1 and then\u0005\0\0\0PAR1", "the footer is not readable as Parquet"],
  ])("rejects %s", async (_, text, message) => {
    const reading = readParquet(streamOf(text), { address });
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(`s3://b/k.parquet: ${message}`);
  });
});
