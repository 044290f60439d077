import { describe, expect, test } from "@jest/globals";
import { readCsv } from "@ml-pipelines/pipeline-utils";

describe("the source's chunks", () => {
  /** Numbers whose spelling their values do not determine, so that a late text needs the bytes. */
  const rows = (value: string): Buffer => Buffer.from(`${value}e0,1234567\n`.repeat(1000));

  test("leaves the chunks unchanged", async () => {
    const chunks = [Buffer.from("a,b\n"), rows("1"), rows("2"), rows("x")];
    const before = chunks.map(String);
    expect((await readCsv(chunksOf(chunks))).getChild("a")?.get(1500)).toBe("2e0");
    expect(chunks.map(String)).toEqual(before);
  });

  test("reads an array that the source yields twice", async () => {
    const chunk = rows("1");
    const table = await readCsv(chunksOf([Buffer.from("a,b\n"), chunk, chunk, rows("x")]));
    expect([table.numRows, table.getChild("a")?.get(1999)]).toEqual([3000, "1e0"]);
  });

  /** Chunks of 1,000 rows, which take turns in several pieces of memory. */
  async function* inTurn(pieces: number, chunks: number): AsyncIterable<Uint8Array> {
    const memory = Array.from({ length: pieces }, () => Buffer.alloc(rows("1").length));
    yield Buffer.from("a,b\n");
    for (let chunk = 0; chunk < chunks; chunk++) {
      const piece = memory[chunk % pieces]!;
      piece.set(rows(chunk + 1 < chunks ? String(chunk % 10) : "x"));
      yield piece;
    }
  }

  test.each([1, 2, 16])("reads chunks that the source overwrites in %i pieces of memory", async (pieces) => {
    const column = (await readCsv(inTurn(pieces, 100))).getChild("a");
    expect([0, 1, 55, 99].map((chunk): unknown => column?.get(chunk * 1000))).toEqual([
      "0e0",
      "1e0",
      "5e0",
      "xe0",
    ]);
  });

  const notItsOwn =
    "the source overwrote or transferred a chunk after yielding it, but its bytes are needed again; it must yield copies";

  test("rejects chunks that are overwritten late, when they are needed again", async () => {
    await expect(readCsv(inTurn(40, 100))).rejects.toThrow(notItsOwn);
    expect((await readCsv(inTurn(40, 40))).getChild("a")?.get(1000)).toBe("1e0");
  });

  test("reads chunks transferred from the start, and rejects a later start when it needs them", async () => {
    async function* source(last: string, from: number): AsyncIterable<Uint8Array> {
      for (let chunk = 0; chunk < 100; chunk++) {
        const { buffer } = new Uint8Array(rows(chunk < 99 ? "1" : last));
        yield new Uint8Array(buffer);
        if (chunk >= from) {
          structuredClone(buffer, { transfer: [buffer] });
        }
      }
    }
    const columnNames = ["a", "b"];
    for (const from of [0, 1]) {
      expect((await readCsv(source("x", from), { columnNames })).getChild("a")?.get(98_000)).toBe("1e0");
    }
    expect((await readCsv(source("2", 50), { columnNames })).getChild("a")?.get(99_000)).toBe(2);
    await expect(readCsv(source("x", 50), { columnNames })).rejects.toThrow(notItsOwn);
  });

  async function* chunksOf(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
    yield* chunks;
  }
});
