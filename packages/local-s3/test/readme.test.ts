import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "@jest/globals";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { RADOSGW_DIFFERENCES } from "./support/radosgw-exceptions.js";

const readme = new URL("../README.md", import.meta.url);
const testWithCurl = spawnSync("curl", ["--version"]).error === undefined ? test : test.skip;

testWithCurl("stores a file by the README's curl command", async () => {
  const [, command = ""] = /^\$ (curl [^]*?)^```/m.exec(await readFile(readme, "utf8")) ?? [];
  const folder = await mkdtemp(path.join(tmpdir(), "local-s3-curl-"));
  const server = await startLocalS3({ directory: path.join(folder, "s3"), buckets: ["my-bucket"] });
  const { endpoint, region } = server;
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: server });
  try {
    await writeFile(path.join(folder, "orders.csv"), "a,b\n1,2\n");
    const shown = command.replace("curl ", "curl --fail ").replace("http://127.0.0.1:9000", endpoint);
    await promisify(execFile)("sh", ["-c", shown], { cwd: folder });
    const Key = "datasets/orders_2026-11-20T10:00:00.csv";
    const { Body } = await client.send(new GetObjectCommand({ Bucket: "my-bucket", Key }));
    expect(await Body?.transformToString()).toBe("a,b\n1,2\n");
  } finally {
    client.destroy();
    await server.stop();
    await rm(folder, { recursive: true });
  }
});

test("counts the checks that are skipped on radosgw", async () => {
  const text = await readFile(readme, "utf8");
  const rows = [...text.matchAll(/^\| (.*?) +\| (\d+) +\|$/gm)].map(([, summary, count]) => [
    summary,
    Number(count),
  ]);
  expect(rows).toEqual(
    RADOSGW_DIFFERENCES.map(({ summary, checks }) => [summary, Object.keys(checks).length]),
  );
});
