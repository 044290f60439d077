import { expect, test } from "@jest/globals";
import { ColumnMemory } from "../../src/formats/csv/column-memory.js";
import { gatherTexts, TextColumn } from "../../src/formats/csv/text-column.js";

test("allocates memory for its own texts, not for a large block, with thousands of columns", () => {
  const columns = 4000;
  const ends = Int32Array.from({ length: columns }, (_, column) => 2 * column + 1);
  const fields = {
    bytes: new Uint8Array(1 << 25).fill(120, 0, 2 * columns),
    starts: ends.map((end) => end - 1),
    ends,
    columns,
    records: 1,
    numberBatches: [],
  };
  const texts = Array.from({ length: columns }, () => new TextColumn(34));
  const memory = new ColumnMemory();
  texts.forEach((text, column) => text.append(fields, column, memory));
  expect(gatherTexts(fields, 0, 34).values.buffer.byteLength).toBeLessThan(1024);
  expect(Buffer.from(texts.at(-1)!.takeBatch(memory).values).toString()).toBe("x");
});
