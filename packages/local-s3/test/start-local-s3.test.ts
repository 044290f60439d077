import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { LocalS3, LocalS3Options } from "@ml-pipelines/local-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { bodyOf } from "./support/bytes.js";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "local-s3-"));
});
afterEach(() => rm(directory, { recursive: true }));

const clientOf = ({ endpoint, region, accessKeyId, secretAccessKey }: LocalS3): S3Client =>
  new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });

describe("startLocalS3", () => {
  test("returns its address, and creates the buckets and the folder", async () => {
    const server = await startLocalS3({ directory: path.join(directory, "a/b"), buckets: ["one", "two"] });
    expect(server).toMatchObject({
      endpoint: `http://127.0.0.1:${server.port}`,
      accessKeyId: "local",
      secretAccessKey: "local-secret",
      region: "us-east-1",
      directory: path.join(directory, "a/b"),
    });
    const client = clientOf(server);
    await client.send(new HeadBucketCommand({ Bucket: "one" }));
    await client.send(new HeadBucketCommand({ Bucket: "two" }));
    await server.stop();
    await server.stop();
  });

  test("rejects a folder in use, and accepts it after the server has stopped", async () => {
    const first = await startLocalS3({ directory });
    await expect(startLocalS3({ directory })).rejects.toThrow("belongs to the running server");
    await first.stop();
    await (await startLocalS3({ directory })).stop();
  });

  test("rejects a folder with somebody's files, and leaves it unchanged", async () => {
    await writeFile(path.join(directory, "thesis.doc"), "");
    await expect(startLocalS3({ directory })).rejects.toThrow(
      `the folder ${directory} holds thesis.doc, which is not local-s3's: give an empty folder`,
    );
    expect(await readdir(directory)).toEqual(["thesis.doc"]);
  });

  test("rejects a path that is a file", async () => {
    const file = path.join(directory, "file");
    await writeFile(file, "");
    await expect(startLocalS3({ directory: file })).rejects.toThrow(`${file} is not a folder`);
  });

  test("releases the folder when the port is in use", async () => {
    const first = await startLocalS3({ directory: path.join(directory, "first") });
    const second = { directory: path.join(directory, "second"), port: first.port };
    await expect(startLocalS3(second)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${first.port}: the port is in use`,
    );
    await first.stop();
    await (await startLocalS3(second)).stop();
  });

  test("rejects an invalid bucket name", async () => {
    await expect(startLocalS3({ directory, buckets: ["No"] })).rejects.toThrow(
      '"No" cannot be a bucket\'s name: it has 2 characters, expected 3 to 63',
    );
  });

  test.each<[string, unknown, string]>([
    [
      "an unknown option",
      { directory: "d", bucket: "one" },
      'option "bucket" is unknown, expected directory, port,',
    ],
    ["no directory", {}, "directory is undefined, expected a path"],
    ["a bucket as text", { directory: "d", buckets: "one" }, "buckets is 'one', expected an array of names"],
    ["a path", "d", "options is 'd', expected an object such as { directory"],
    ["null", null, "options is null, expected an object such as"],
  ])("rejects %s", async (_, options, message) => {
    const start = startLocalS3(options as LocalS3Options);
    await expect(start).rejects.toThrow(TypeError);
    await expect(start).rejects.toThrow(message);
  });

  test("rewrites the journal at start when most of it is stale", async () => {
    const server = await startLocalS3({ directory, buckets: ["bucket"] });
    const client = clientOf(server);
    const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: "bucket", Key, Body: Key }));
    await put("kept");
    await put("overwritten");
    await server.stop();
    const journal = path.join(directory, "journal.jsonl");
    const lines = (await readFile(journal, "utf8")).trimEnd().split("\n");
    const stale = '{"op":"set-versioning","bucket":"bucket","versioning":"Suspended"}\n'.repeat(12_000);
    await writeFile(journal, `${lines.join("\n")}\n${stale}`);

    const again = await startLocalS3({ directory });
    const answer = await clientOf(again).send(new GetObjectCommand({ Bucket: "bucket", Key: "kept" }));
    expect((await bodyOf(answer)).toString()).toBe("kept");
    await again.stop();
    expect((await readFile(journal, "utf8")).trimEnd().split("\n")).toHaveLength(5);
  });
});
