import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { readParquet, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import { makeVector, Table } from "apache-arrow";
import {
  FILE_META_DATA,
  KEY_VALUE,
  structList,
  structListField,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { bytesOf, streamOf } from "./bytes.js";
import { changedFooter } from "./changed-footer.js";

const address = "s3://b/k.parquet";

test("rejects a damaged Arrow schema in the footer, which filled the memory and ended the process", () => {
  const dist = (path: string): string =>
    JSON.stringify(new URL(`../../dist/formats/${path}`, import.meta.url).href);
  const program = `
    import { makeVector, Table } from "apache-arrow";
    import { readParquet, writeParquet } from ${dist("index.js")};
    import { FILE_META_DATA, KEY_VALUE, structListField, textField } from ${dist("parquet/footer-fields.js")};
    import { footerOf } from ${dist("parquet/footer.js")};
    const chunks = [];
    for await (const chunk of writeParquet(new Table({ n: makeVector(Int32Array.of(1)) }))) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const [entry] = structListField(footerOf(bytes).footer.struct, FILE_META_DATA.keyValues);
    const text = textField(entry, KEY_VALUE.value);
    const start = bytes.indexOf(text);
    let rejected = 0;
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
        rejected++;
      }
    }
    console.log(rejected > 10);`;
  const { stdout, status } = spawnSync(
    process.execPath,
    ["--max-old-space-size=256", "--input-type=module", "-e", program],
    { encoding: "utf8", cwd: new URL("../..", import.meta.url) },
  );
  expect({ stdout, status }).toEqual({ stdout: "true\n", status: 0 });
});

test.each([
  ["by versions before 0.15", [0xff, 0xff, 0xff, 0x7b], 0x7bffffff],
  ["by versions since 0.15", [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x40], 0x40000000],
])(
  "rejects an Arrow schema, as written %s, that states more bytes than it has, before it allocates them",
  async (_, message, length) => {
    const bytes = await bytesOf(writeParquet(new Table({ n: makeVector(Int32Array.of(1)) })));
    const file = changedFooter(bytes, ({ struct }) => {
      const [entry] = structListField(struct, FILE_META_DATA.keyValues);
      const value = Buffer.from(Buffer.from(message).toString("base64"));
      const entries = [withFields(entry!, { [KEY_VALUE.value]: value })];
      return withFields(struct, { [FILE_META_DATA.keyValues]: structList(entries) });
    });
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      `the footer is not readable as Parquet: an Arrow schema of ${length} bytes cannot fit in ${message.length}`,
    );
  },
);

test("loads the decoder anew after a trap and releases its memory, without which all later files failed", () => {
  // From the built package, because Jest keeps every module that is required.
  const dist = new URL("../../dist/formats/parquet/parquet-wasm.js", import.meta.url);
  const program = `
    import { withParquetWasm } from ${JSON.stringify(dist.href)};
    const first = withParquetWasm((parquet) => new WeakRef(parquet));
    const isFirst = () => withParquetWasm((parquet) => parquet === first.deref());
    console.log("the same while it works:", isFirst());
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
    "the same while it works: true",
    "unreachable",
    "the same after a trap: false",
    "still in memory: false",
    "",
  ]);
});
