// npm run bench -- get [ROUNDS]: a fresh process that gets a dataset, from its start to its exit, beside boto3 with pandas.
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { writeNarrow, writeWide } from "./formats/generate.mjs";
import { endpointOf } from "./storage/endpoint.mjs";
import { table } from "./storage/table.mjs";

const BUCKET = "bench";
const rounds = Number(process.argv[2] ?? 7);
const ours = fileURLToPath(new URL("./get/ours.mjs", import.meta.url));
const put = fileURLToPath(new URL("./get/put.mjs", import.meta.url));
const withPandas = fileURLToPath(new URL("./get/with_pandas.py", import.meta.url));
const localS3 = fileURLToPath(new URL("../../local-s3/dist/main.js", import.meta.url));
/** The targets are for files that other programs wrote. Those of this package have a sha256 recorded, which costs less to check than an MD5. */
const datasets = [
  {
    folder: "narrow",
    writeCsv: writeNarrow,
    rows: 1_000_000,
    writer: "sdk",
    targets: { installed: 0.8, bundled: 0.66 },
  },
  {
    folder: "wide",
    writeCsv: writeWide,
    rows: 250_000,
    writer: "sdk",
    targets: { installed: 0.95, bundled: 0.9 },
  },
  { folder: "narrow-sha256", writeCsv: writeNarrow, rows: 1_000_000, writer: "pipeline-utils", targets: {} },
  { folder: "wide-sha256", writeCsv: writeWide, rows: 250_000, writer: "pipeline-utils", targets: {} },
];

/**
 * Run a command and measure all its processor time, that of its start and exit included.
 *
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} env
 */
async function cpuSeconds(command, env) {
  const script = 'TIMEFORMAT="%U %S"; time "$@"';
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script, "bash", ...command], { env });
  const [user = NaN, system = NaN] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { seconds: user + system, rows: Number(stdout) };
}

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

const folder = await mkdtemp(path.join(tmpdir(), "bench-get-"));
const server = spawn(process.execPath, [
  localS3,
  ...["--directory", path.join(folder, "s3"), "--port", "0", "--bucket", BUCKET],
]);
try {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL_S3: await endpointOf(server),
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local-secret",
  };
  const bundle = path.join(folder, "bundle");
  await build({
    entryPoints: [ours],
    outdir: bundle,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
    },
  });
  const programs = {
    "boto3 with pandas": ["/usr/bin/python3", withPandas],
    installed: [process.execPath, ours],
    bundled: [process.execPath, path.join(bundle, "ours.mjs")],
  };
  const lines = [["dataset", "program", "CPU s", "x boto3 with pandas", "target"]];
  for (const { folder: name, writeCsv, rows, writer, targets } of datasets) {
    const local = path.join(folder, name, `${name}_2021-07-03T23:05:32.csv`);
    await mkdir(path.dirname(local));
    await writeCsv(local, rows);
    await promisify(execFile)(process.execPath, [put, writer, BUCKET, name, local], {
      env,
    });
    /** @type {Map<string, number[]>} */
    const taken = new Map(Object.keys(programs).map((program) => [program, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [program, command] of Object.entries(programs)) {
        const result = await cpuSeconds([...command, BUCKET, name], env);
        if (result.rows !== rows) {
          throw new Error(`${program} read ${result.rows} rows of ${name}, expected ${rows}`);
        }
        taken.get(program)?.push(result.seconds);
      }
    }
    const peer = taken.get("boto3 with pandas") ?? [];
    for (const [program, seconds] of taken) {
      const ratio = median(seconds.map((value, round) => value / (peer[round] ?? NaN)));
      const target = new Map(Object.entries(targets)).get(program)?.toFixed(2) ?? "";
      lines.push([name, program, median(seconds).toFixed(2), ratio.toFixed(2), target]);
    }
  }
  console.log(`Medians of ${rounds} interleaved runs; Node ${process.version}`);
  for (const line of table(lines)) {
    console.log(line);
  }
} finally {
  server.kill();
  await rm(folder, { recursive: true });
}
