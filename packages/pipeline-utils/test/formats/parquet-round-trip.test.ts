import { expect, test } from "@jest/globals";
import { readParquet, readParquetBatches, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import { StructRow, Table, Vector } from "apache-arrow";
import fc from "fast-check";
import { rangesOf } from "../../src/formats/parquet/byte-ranges.js";
import { parquetTable } from "./arbitrary-parquet-table.js";
import { bytesOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { plain } from "./plain.js";

const runs = runsOf(300);

/** A value as plain data, with the values nested in it. */
function plainValue(value: unknown): unknown {
  if (value instanceof Vector) {
    return [...(value as Iterable<unknown>)].map(plainValue);
  }
  if (!(value instanceof StructRow)) {
    return value;
  }
  return Object.entries(value.toJSON()).map(([name, item]) => [name, plainValue(item)]);
}

/** A table's columns; views of texts come back as Utf8. */
function columnsOf(table: Table): Map<string, unknown> {
  return new Map(
    plain(table).map(({ name, type, values }) => [
      name,
      [type.replace("Utf8View", "Utf8"), ...values.map(plainValue)],
    ]),
  );
}

test("returns any table as it was written, whole or by a column", async () => {
  const compressions = fc.constantFrom("snappy", "zstd");
  await fc.assert(
    fc.asyncProperty(parquetTable, compressions, fc.nat(3), async (table, compression, index) => {
      const bytes = await bytesOf(writeParquet(table, { compression }));
      const expected = columnsOf(table);
      expect(columnsOf(await readParquet(rangesOf(bytes)))).toEqual(expected);
      const [name, column] = [...expected][index % expected.size]!;
      expect(columnsOf(await readParquet(rangesOf(bytes), { columns: [name] }))).toEqual(
        new Map([[name, column]]),
      );
    }),
    runs,
  );
});

test("returns any slices of a table as they were written", async () => {
  await fc.assert(
    fc.asyncProperty(parquetTable, fc.array(fc.tuple(fc.nat(25), fc.nat(25))), async (table, cuts) => {
      const batches = cuts.flatMap(([start, length]) => table.slice(start, start + length).batches);
      const joined = new Table([...batches, ...table.batches]);
      const read = [];
      for await (const batch of readParquetBatches(rangesOf(await bytesOf(writeParquet(joined))))) {
        read.push(batch);
      }
      expect(columnsOf(read.length > 0 ? new Table(read) : table)).toEqual(columnsOf(joined));
    }),
    runs,
  );
});
