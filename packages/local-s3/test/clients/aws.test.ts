import { HeadObjectCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BUCKET, describeClient, FILE_NAMES, openWorkspace } from "../support/client-workspace.js";
import type { Workspace } from "../support/client-workspace.js";

describeClient("aws", ["aws", "--version"], () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  afterAll(() => workspace.stop());
  const aws = (...args: string[]) => workspace.run("aws", "--endpoint-url", workspace.endpoint, ...args);
  const keys = (prefix: string) => FILE_NAMES.map((name) => prefix + name);

  test("uploads a folder by sync, a large file in parts", async () => {
    await aws("s3", "sync", "tree", `s3://${BUCKET}/t`, "--no-progress");
    expect(await workspace.keysBelow("t/")).toEqual(keys("t/"));
    const at = { Bucket: BUCKET, Key: "t/large.bin" };
    expect((await workspace.client.send(new HeadObjectCommand(at))).ETag).toMatch(/-2"$/);
  });

  test("ls shows sizes and keys", async () => {
    const listing = await aws("s3", "ls", "--recursive", `s3://${BUCKET}/`);
    expect(listing).toMatch(/ 2 t\/a\.txt\n.* 9437184 t\/large\.bin\n.* 2 t\/sub\/b c\+ü\.txt\n$/s);
  });

  test("copies objects within the bucket by cp, a large one in parts", async () => {
    await aws("s3", "cp", "--recursive", `s3://${BUCKET}/t`, `s3://${BUCKET}/u`, "--no-progress");
    expect(await workspace.keysBelow("u/")).toEqual(keys("u/"));
  });

  test("downloads the copies by sync", async () => {
    await aws("s3", "sync", `s3://${BUCKET}/u`, "back", "--no-progress");
    expect(await workspace.isCopy("back")).toBe(true);
  });

  test("reads an object by the URL of presign", async () => {
    const url = await aws("s3", "presign", `s3://${BUCKET}/t/sub/b c+ü.txt`);
    expect(await (await fetch(url.trim())).text()).toBe("b\n");
  });

  test("deletes objects by rm", async () => {
    await aws("s3", "rm", "--recursive", `s3://${BUCKET}/u`);
    expect(await workspace.keysBelow("u/")).toEqual([]);
  });

  test("lists and reads versions by s3api", async () => {
    const at = ["--bucket", BUCKET, "--key", "t/a.txt"];
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await workspace.client.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));
    await aws("s3", "cp", "tree/sub/b c+ü.txt", `s3://${BUCKET}/t/a.txt`, "--no-progress");
    const query = ["--query", "Versions[].VersionId", "--output", "text"];
    const versions = await aws(
      "s3api",
      "list-object-versions",
      ...at.slice(0, 2),
      "--prefix",
      "t/a.txt",
      ...query,
    );
    expect(versions).toMatch(/^[0-9a-z]{31}\tnull\n$/);
    await aws("s3api", "get-object", ...at, "--version-id", "null", "first.txt");
    expect(await workspace.readText("first.txt")).toBe("a\n");
  });
});
