import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BUCKET, describeClient, FILE_NAMES, openWorkspace } from "../support/client-workspace.js";
import type { Workspace } from "../support/client-workspace.js";

describeClient("s3cmd", ["s3cmd", "--version"], () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  afterAll(() => workspace.stop());
  const s3cmd = (...args: string[]) => {
    const { host } = new URL(workspace.endpoint);
    const address = ["--no-ssl", `--host=${host}`, `--host-bucket=${host}`];
    return workspace.run("s3cmd", "--no-progress", "--config=/dev/null", ...address, ...args);
  };
  const keys = (prefix: string) => FILE_NAMES.map((name) => prefix + name);

  test("uploads a folder by put, a large file in parts", async () => {
    await s3cmd("put", "--recursive", "--multipart-chunk-size-mb=5", "tree/", `s3://${BUCKET}/t/`);
    expect(await workspace.keysBelow("t/")).toEqual(keys("t/"));
    const at = { Bucket: BUCKET, Key: "t/large.bin" };
    expect((await workspace.client.send(new HeadObjectCommand(at))).ETag).toMatch(/-2"$/);
  });

  test("finds nothing to upload by sync", async () => {
    expect(await s3cmd("sync", "tree/", `s3://${BUCKET}/t/`)).not.toContain("upload:");
  });

  test("ls shows sizes and keys", async () => {
    const listing = await s3cmd("ls", "--recursive", `s3://${BUCKET}`);
    expect(listing).toMatch(/ 2 .*t\/a\.txt\n.* 9437184 .*t\/large\.bin\n.* 2 .*t\/sub\/b c\+ü\.txt\n$/s);
  });

  test("copies objects by cp and downloads the copies by sync", async () => {
    await s3cmd("cp", "--recursive", `s3://${BUCKET}/t/`, `s3://${BUCKET}/u/`);
    await s3cmd("sync", `s3://${BUCKET}/u/`, "back/");
    expect(await workspace.isCopy("back")).toBe(true);
  });

  test("shows the stored metadata by info", async () => {
    expect(await s3cmd("info", `s3://${BUCKET}/t/a.txt`)).toMatch(/x-amz-meta-s3cmd-attrs: .*md5:/);
  });

  test("reads an object by the URL of signurl", async () => {
    const url = await s3cmd("signurl", `s3://${BUCKET}/t/a.txt`, "+60");
    expect(await (await fetch(url.trim())).text()).toBe("a\n");
  });

  test("deletes objects by del", async () => {
    await s3cmd("del", "--recursive", "--force", `s3://${BUCKET}/u/`);
    expect(await workspace.keysBelow("u/")).toEqual([]);
  });
});
