import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { readParquet, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import { makeVector, Table } from "apache-arrow";
import { transformSync } from "esbuild";
import {
  FILE_META_DATA,
  KEY_VALUE,
  structList,
  structListField,
  textField,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { bytesOf, streamOf } from "./bytes.js";
import { changedFooter } from "./changed-footer.js";

const address = "s3://b/k.parquet";

test("rejects a damaged Arrow schema in the footer, which filled the memory and ended the process", async () => {
  const bytes = await bytesOf(writeParquet(new Table({ n: makeVector(Int32Array.of(1)) })));
  const text = schemaTextOf(bytes);
  const start = bytes.indexOf(text);
  const length = Buffer.from(text, "base64").length;
  const damaged = Array.from({ length: length >> 2 }, (_, word) => {
    const schema = Buffer.from(text, "base64");
    schema.writeUInt32LE(0x20000000, 4 * word);
    const file = Buffer.from(bytes);
    file.write(schema.toString("base64"), start);
    return file.toString("base64");
  });
  const program = `
    import { readFileSync } from "node:fs";
    import { readParquet } from "@ml-pipelines/pipeline-utils";
    let rejected = 0;
    for (const file of JSON.parse(readFileSync(0, "utf8"))) {
      async function* source() { yield Buffer.from(file, "base64"); }
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
    { encoding: "utf8", cwd: new URL("../..", import.meta.url), input: JSON.stringify(damaged) },
  );
  expect({ stdout, status }).toEqual({ stdout: "true\n", status: 0 });
});

/** The Arrow schema in the footer, as it stands there. */
function schemaTextOf(file: Buffer): string {
  let text = "";
  changedFooter(file, ({ struct }) => {
    const [entry] = structListField(struct, FILE_META_DATA.keyValues);
    text = textField(entry!, KEY_VALUE.value);
    return struct;
  });
  return text;
}

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
  // Jest keeps every module that is required, so the module runs in a process of its own.
  const source = new URL("../../src/formats/parquet/parquet-wasm.ts", import.meta.url);
  const { code } = transformSync(readFileSync(source, "utf8"), {
    loader: "ts",
    define: { "import.meta.url": JSON.stringify(source.href) },
  });
  const program = `
    import { withParquetWasm } from ${JSON.stringify(`data:text/javascript,${encodeURIComponent(code)}`)};
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
