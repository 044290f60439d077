import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { makeVector, Table } from "apache-arrow";
import { FormatError } from "../../src/errors.js";
import {
  FileMetaData,
  KeyValue,
  listOf,
  structsOf,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { attempt } from "../../src/formats/parquet/guarded-ranges.js";
import { readParquet } from "../../src/formats/parquet/read-parquet.js";
import { writeParquet } from "../../src/formats/parquet/write-parquet.js";
import { bytesOf, streamOf } from "./bytes.js";
import { changedFooter } from "./changed-footer.js";

const address = "s3://b/k.parquet";

test("a damaged schema of Arrow in the footer is refused: it filled the memory and ended the process", () => {
  const dist = (path: string): string =>
    JSON.stringify(new URL(`../../dist/formats/${path}`, import.meta.url).href);
  const program = `
    import { makeVector, Table } from "apache-arrow";
    import { readParquet, writeParquet } from ${dist("index.js")};
    import { FileMetaData, KeyValue, structsOf, textOf } from ${dist("parquet/footer-fields.js")};
    import { footerOf } from ${dist("parquet/footer.js")};
    const chunks = [];
    for await (const chunk of writeParquet(new Table({ n: makeVector(Int32Array.of(1)) }))) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const [entry] = structsOf(footerOf(bytes).footer.struct, FileMetaData.keyValues);
    const text = textOf(entry, KeyValue.value);
    const start = bytes.indexOf(text);
    let refused = 0;
    for (let at = 0; at + 4 <= Buffer.from(text, "base64").length; at += 4) {
      const schema = Buffer.from(text, "base64");
      schema.writeUInt32LE(0x20000000, at);
      const damaged = Buffer.from(bytes);
      damaged.write(schema.toString("base64"), start);
      async function* source() { yield damaged; }
      try {
        await readParquet(source(), { columns: ["n"] });
      } catch (error) {
        if (error.name !== "FormatError") throw error;
        refused++;
      }
    }
    console.log(refused > 10);`;
  const { stdout, status } = spawnSync(
    process.execPath,
    ["--max-old-space-size=256", "--input-type=module", "-e", program],
    { encoding: "utf8", cwd: new URL("../..", import.meta.url) },
  );
  expect({ stdout, status }).toEqual({ stdout: "true\n", status: 0 });
});

test.each([
  ["before version 0.15", [0xff, 0xff, 0xff, 0x7b], 0x7bffffff],
  ["since", [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x40], 0x40000000],
])(
  "a schema of Arrow, as %s, of more bytes than are there is refused before they are taken",
  async (_, message, length) => {
    const bytes = await bytesOf(writeParquet(new Table({ n: makeVector(Int32Array.of(1)) })));
    const file = changedFooter(bytes, ({ struct }) => {
      const [entry] = structsOf(struct, FileMetaData.keyValues);
      const value = Buffer.from(Buffer.from(message).toString("base64"));
      const entries = [withFields(entry!, { [KeyValue.value]: value })];
      return withFields(struct, { [FileMetaData.keyValues]: listOf(entries) });
    });
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      `the footer is not readable as Parquet: a schema of ${length} bytes stands in ${message.length}`,
    );
  },
);

test("a trap of the decoder is told as what it may be", async () => {
  const trap = attempt(address, "row group 1 of 1", async () => {
    throw Object.assign(new Error("unreachable"), { name: "RuntimeError" });
  });
  await expect(trap).rejects.toThrow(FormatError);
  await expect(trap).rejects.toThrow(
    "s3://b/k.parquet: row group 1 of 1 is not readable as Parquet: it is damaged, or larger than the decoder's memory once decoded (unreachable)",
  );
});

test("after a trap the decoder is loaded anew and its memory let go: a file that filled it had all later ones refused", () => {
  // Of the built package: Jest keeps what is required.
  const dist = new URL("../../dist/formats/parquet/parquet-wasm.js", import.meta.url);
  const program = `
    import { withParquetWasm } from ${JSON.stringify(dist.href)};
    const first = withParquetWasm((parquet) => new WeakRef(parquet));
    const isFirst = () => withParquetWasm((parquet) => parquet === first.deref());
    console.log("the same as long as it is well:", isFirst());
    try {
      withParquetWasm(() => { throw new WebAssembly.RuntimeError("unreachable"); });
    } catch (error) {
      console.log(error.message);
    }
    console.log("the same after a trap:", isFirst());
    setTimeout(() => {
      gc();
      console.log("still in memory:", first.deref() !== undefined);
    });`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", "--input-type=module", "-e", program],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout.split("\n")).toEqual([
    "the same as long as it is well: true",
    "unreachable",
    "the same after a trap: false",
    "still in memory: false",
    "",
  ]);
});
