import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  createS3Client,
  getLatestCsvDatasetFromS3,
  Model,
  putObjectToS3,
  readCsv,
  writeParquet,
} from "@ml-pipelines/pipeline-utils";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { environmentOf, startServer } from "@ml-pipelines/test-support/test-storage";
import type { RunningServer } from "@ml-pipelines/test-support/test-storage";
import { documentedExamples } from "./support/documented-examples.js";
import type { Example } from "./support/documented-examples.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const examples = documentedExamples(root);

/** Names that the text around a fragment gives. They stand on one line, before the fragment's first. */
const FRAGMENT_CONTEXT = [
  'import type { ModelClass } from "@ml-pipelines/pipeline-utils"',
  "declare function isValid(json: unknown): json is { value: number }",
  "export type { ModelClass }",
].join("; ");

/** The packages that a reader of the pages has installed, and their workspaces. */
const INSTALLED = {
  "@ml-pipelines/pipeline-utils": "packages/pipeline-utils",
  "@ml-pipelines/model-server": "packages/model-server",
  "@ml-pipelines/decision-tree": "packages/decision-tree",
  "@ml-pipelines/local-s3": "packages/local-s3",
  "apache-arrow": "packages/pipeline-utils/node_modules/apache-arrow",
  "@aws-sdk/client-s3": "packages/pipeline-utils/node_modules/@aws-sdk/client-s3",
  "@types/node": "node_modules/@types/node",
};

/** The files that the examples read, in the folder where they run and in a bucket. */
const ORDERS = "product_code,orders_placed,hours_to_dispatch\nSKU001,100,1.5\nSKU002,150,2.25\n";
/** A tree of ml-cart's: up to 125 orders, and more. */
const HOURS = {
  name: "DTRegression",
  options: {},
  root: { splitColumn: 0, splitValue: 125, left: { distribution: 1.5 }, right: { distribution: 2 } },
};

const nameOf = ({ page, line }: Example) => `${page.replaceAll(/[/.]/g, "-")}-${line}`;

let folder: string;
let server: RunningServer;
let compilation: Promise<{ code: number; output: string }>;

/** Run a program of Node to its end. */
function runNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(process.execPath, args, { cwd: folder, env }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? 1, output: stdout + stderr });
    });
  });
}

async function writeProject() {
  await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, target] of Object.entries(INSTALLED)) {
    const link = path.join(folder, "node_modules", name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(root, target), link);
  }
  for (const example of examples) {
    // Blank lines before it, so that the compiler's lines are those of the page.
    const head = (example.complete ? "" : FRAGMENT_CONTEXT) + "\n".repeat(example.line - 1);
    await writeFile(path.join(folder, `${nameOf(example)}.ts`), head + example.code);
  }
  const compilerOptions = { outDir: "out", declaration: false, declarationMap: false, sourceMap: false };
  await writeFile(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ extends: path.join(root, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] }),
  );
}

async function writeData() {
  await writeFile(path.join(folder, "orders.csv"), ORDERS);
  const table = await readCsv(Readable.from([Buffer.from(ORDERS)]));
  await pipeline(writeParquet(table), createWriteStream(path.join(folder, "orders.parquet")));
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const client = createS3Client({
    config: { endpoint, region, credentials: { accessKeyId, secretAccessKey } },
  });
  const filename = "orders_2021-07-03T23:05:32.csv";
  for (const bucket of ["my-bucket", "shop"]) {
    await putObjectToS3(Buffer.from(ORDERS), { bucket, folder: "datasets", filename, client });
  }
  const model = new Model({
    name: "hours",
    model: dtRegression.fromJSON(HOURS),
    modelClass: dtRegression,
    trainDataset: await getLatestCsvDatasetFromS3("my-bucket", { folder: "datasets", client }),
    features: [{ name: "orders_placed", type: "number", minimum: 0 }],
  });
  await model.putModelToS3({ bucket: "my-bucket", folder: "models", client });
  client.destroy();
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "documented-examples-"));
  server = await startServer(["demo", "my-bucket", "shop"]);
  await writeProject();
  await writeData();
  compilation = runNode([
    path.join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    folder,
    "--pretty",
    "false",
  ]);
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Times and hashes are others with every run. */
const withoutChance = (output: string) =>
  output
    .replaceAll(/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}[.,]\d{3}/g, "TIME")
    .replaceAll(/[0-9a-f]{32}/g, "HASH")
    .trimEnd();

test.each(["README.md", ".ts"])("finds examples in %s", (end) => {
  expect(examples.filter(({ complete, page }) => complete && page.endsWith(end)).length).toBeGreaterThan(2);
});

test("compiles every example", async () => {
  expect(await compilation).toEqual({ code: 0, output: "" });
});

describe("complete programs of the documentation", () => {
  test.each(examples.filter(({ complete }) => complete))(
    "prints what the page says: $page:$line",
    async (example) => {
      await compilation;
      // Serves until a signal ends it. Its options are checked before it prints its help.
      const args = example.code.includes("await serveModel(") ? ["--help"] : [];
      const { code, output } = await runNode([path.join("out", `${nameOf(example)}.js`), ...args], {
        ...process.env,
        ...environmentOf(server),
        GIT_COMMIT_HASH: "NA",
      });
      expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
      if (example.output !== undefined) {
        expect(withoutChance(output)).toBe(withoutChance(example.output));
      }
    },
  );
});
