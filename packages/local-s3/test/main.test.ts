import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { bodyOf, etagOf, someBytes } from "./support/bytes.js";
import { runProgram, startProgram } from "./support/program.js";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "local-s3-main-"));
});
afterEach(() => rm(directory, { recursive: true }));

const Bucket = "bucket";

async function blobFiles(): Promise<string[]> {
  const entries = await readdir(path.join(directory, "blobs"), { recursive: true });
  return entries.map((entry) => path.basename(entry)).filter((name) => name.length === 24);
}

describe("the program", () => {
  test("prints its version and its usage", async () => {
    expect(await runProgram(["--version"])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
    });
    expect((await runProgram(["--help"])).stdout).toContain("usage: local-s3 --directory DIR [options]");
  });

  const wrong: readonly (readonly [args: string[], stderr: string])[] = [
    [[], "local-s3: --directory is missing: give the folder for buckets and objects\n"],
    [["--directory", "d", "--port", "x"], 'local-s3: --port is "x", expected a number from 0 to 65535\n'],
    [
      ["--directory", "d", "--bucket", "B"],
      'local-s3: --bucket is "B": it has 1 character, expected 3 to 63\n',
    ],
  ];
  for (const [args, stderr] of wrong) {
    test(`exits with 2 and one line for ${JSON.stringify(args)}`, async () => {
      expect(await runProgram(args)).toEqual({ code: 2, stdout: "", stderr });
    });
  }

  test("exits with 1 and one line when the folder is a file", async () => {
    const file = path.join(directory, "file");
    await writeFile(file, "");
    for (const folder of [file, path.join(file, "below")]) {
      const { code, stderr } = await runProgram(["--directory", folder]);
      expect(code).toBe(1);
      expect(stderr).toBe(`local-s3: ${folder} is not a folder\n`);
    }
  });

  test("exits with 1 and one line when the port is in use", async () => {
    const program = await startProgram(directory);
    const { port } = new URL(program.endpoint);
    const other = path.join(directory, "other");
    expect(await runProgram(["--directory", other, "--port", port])).toEqual({
      code: 1,
      stdout: "",
      stderr: `local-s3: cannot listen on 127.0.0.1:${port}: the port is in use\n`,
    });
    await program.end("SIGTERM");
  });

  test("exits with 1 and one line when another server has the folder", async () => {
    const program = await startProgram(directory, "--bucket", Bucket);
    const { code, stderr } = await runProgram(["--directory", directory, "--port", "0"]);
    expect([code, stderr]).toEqual([
      1,
      `local-s3: cannot use the folder ${directory}: it belongs to the running server with process id ${String(program.child.pid)}\n`,
    ]);
    await program.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
    await program.end("SIGTERM");
  });

  test("exits with 1 and removes no blob when the journal is missing", async () => {
    const program = await startProgram(directory, "--bucket", Bucket);
    await program.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
    await program.end("SIGTERM");
    await rm(path.join(directory, "journal.jsonl"));
    const { code, stderr } = await runProgram(["--directory", directory, "--port", "0"]);
    expect([code, stderr]).toEqual([
      1,
      `local-s3: ${directory}/blobs is there, but ${directory}/journal.jsonl is missing: nothing was changed\n`,
    ]);
    expect(await blobFiles()).toHaveLength(1);
  });

  test("starts at most once when four programs start on one folder, and later again", async () => {
    const started = await Promise.allSettled(Array.from({ length: 4 }, () => startProgram(directory)));
    const running = started.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(running.length).toBeLessThanOrEqual(1);
    for (const outcome of started) {
      if (outcome.status === "rejected") {
        expect(String(outcome.reason)).toContain("the program did not start: exit code 1");
      }
    }
    await running[0]?.end("SIGKILL");
    expect(await (await startProgram(directory)).end("SIGTERM")).toBe(0);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`exits with 0 on ${signal}, after the requests in flight`, async () => {
      const { client, child, exited } = await startProgram(directory, "--bucket", Bucket);
      const data = someBytes(1 << 20);
      const slowly = async function* () {
        yield data.subarray(0, 1000);
        await new Promise((resolve) => setTimeout(resolve, 100));
        child.kill(signal);
        await new Promise((resolve) => setTimeout(resolve, 300));
        yield data.subarray(1000);
      };
      const Body = Readable.from(slowly());
      const answer = await client.send(
        new PutObjectCommand({ Bucket, Key: "slow", Body, ContentLength: data.length }),
      );
      expect(answer.ETag).toBe(etagOf(data));
      client.destroy();
      expect(await exited).toBe(0);
      expect((await readdir(directory)).sort()).toEqual(["blobs", "journal.jsonl"]);
    });
  }
});

describe("the stored state", () => {
  test("keeps objects, versions, uploads, attributes and tags after a restart", async () => {
    const first = await startProgram(directory, "--bucket", Bucket);
    await first.client.send(
      new PutObjectCommand({
        Bucket,
        Key: "k:1|é",
        Body: "one",
        Metadata: { m: "v" },
        ContentType: "text/x",
        Tagging: "a=1",
      }),
    );
    const versioned = { Bucket: "versioned", Key: "k" };
    await first.client.send(new CreateBucketCommand(versioned));
    await first.client.send(
      new PutBucketVersioningCommand({ ...versioned, VersioningConfiguration: { Status: "Enabled" } }),
    );
    // The client asks for its own region.
    const location = new GetBucketLocationCommand({ Bucket: "versioned" });
    expect((await first.client.send(location)).LocationConstraint).toBe("eu-west-2");
    const { VersionId } = await first.client.send(new PutObjectCommand({ ...versioned, Body: "one" }));
    await first.client.send(new PutObjectCommand({ ...versioned, Body: "two" }));
    const Tagging = { TagSet: [{ Key: "b", Value: "2" }] };
    await first.client.send(new PutObjectTaggingCommand({ ...versioned, VersionId, Tagging }));
    await first.client.send(new PutBucketTaggingCommand({ Bucket, Tagging }));
    const upload = { Bucket, Key: "upload" };
    const { UploadId } = await first.client.send(new CreateMultipartUploadCommand(upload));
    const part = { ...upload, UploadId, PartNumber: 1 };
    const { ETag } = await first.client.send(new UploadPartCommand({ ...part, Body: "part" }));
    expect(await first.end("SIGTERM")).toBe(0);

    const second = await startProgram(directory, "--bucket", Bucket);
    const answer = await second.client.send(new GetObjectCommand({ Bucket, Key: "k:1|é" }));
    expect(answer).toMatchObject({ ETag: etagOf("one"), ContentType: "text/x", Metadata: { m: "v" } });
    expect((await bodyOf(answer)).toString()).toBe("one");
    expect((await second.client.send(location)).LocationConstraint).toBe("eu-west-2");
    const old = await second.client.send(new GetObjectCommand({ ...versioned, VersionId }));
    expect((await bodyOf(old)).toString()).toBe("one");
    expect(answer.TagCount).toBe(1);
    const tags = await second.client.send(new GetObjectTaggingCommand({ ...versioned, VersionId }));
    expect(tags.TagSet).toEqual(Tagging.TagSet);
    expect((await second.client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(
      Tagging.TagSet,
    );
    const { Uploads } = await second.client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toMatchObject([{ Key: "upload", UploadId }]);
    await second.client.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    // A version from after the restart is newer than those from before.
    const newest = await second.client.send(new PutObjectCommand({ ...versioned, Body: "three" }));
    const { Versions } = await second.client.send(new ListObjectVersionsCommand({ Bucket: "versioned" }));
    expect(Versions?.map((version) => version.VersionId)[0]).toBe(newest.VersionId);
    await second.end("SIGTERM");
  });

  test("keeps every acknowledged change, and no other file, after kill -9 at any moment", async () => {
    const acknowledged = new Map<string, string>();
    for (let round = 0; round < 4; round++) {
      const { client, end } = await startProgram(directory, "--bucket", Bucket);
      let killed = false;
      const writer = async (number: number): Promise<void> => {
        for (let i = 0; !killed; i++) {
          const Key = `writer-${number}/${i % 7}`;
          const Body = `round ${round} ${"x".repeat((i * 7919) % 90_000)} ${i}`;
          await client.send(new PutObjectCommand({ Bucket, Key, Body }));
          acknowledged.set(Key, Body);
        }
      };
      const writers = Promise.allSettled(Array.from({ length: 6 }, (_, number) => writer(number)));
      await new Promise((resolve) => setTimeout(resolve, 150 + 90 * round));
      expect(await end("SIGKILL")).toBeNull();
      killed = true;
      await writers;
    }
    // A killed process may also leave half a line.
    const journal = path.join(directory, "journal.jsonl");
    await writeFile(journal, `${await readFile(journal, "utf8")}{"op":"put-ver`);

    const { client, end } = await startProgram(directory);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(expect.arrayContaining([...acknowledged.keys()]));
    for (const { Key = "", ETag } of Contents) {
      const body = await bodyOf(await client.send(new GetObjectCommand({ Bucket, Key })));
      expect(etagOf(body)).toBe(ETag);
      // A write in flight at the kill may have succeeded or not, but never an older one than the acknowledged.
      const last = acknowledged.get(Key);
      const [, age = "0"] = / (\d+)$/.exec(body.toString()) ?? [];
      const [, lastAge = "0"] = / (\d+)$/.exec(last ?? "") ?? [];
      const isNewer = body.toString().slice(0, 7) > (last ?? "").slice(0, 7) || Number(age) > Number(lastAge);
      expect(body.toString() === last || isNewer).toBe(true);
    }
    expect(await blobFiles()).toHaveLength(Contents.length);
    await end("SIGTERM");
  });
});
