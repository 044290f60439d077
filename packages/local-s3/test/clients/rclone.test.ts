import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BUCKET, describeClient, FILE_NAMES, openWorkspace } from "../support/client-workspace.js";
import type { Workspace } from "../support/client-workspace.js";

/** Multipart uploads and copies start at 5 MiB. */
const PARTS = ["--s3-upload-cutoff=5M", "--s3-chunk-size=5M", "--s3-copy-cutoff=5M"];

describeClient("rclone", ["rclone", "version"], () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await openWorkspace((endpoint) => ({
      RCLONE_CONFIG: "/dev/null",
      RCLONE_S3_ENV_AUTH: "true",
      RCLONE_S3_PROVIDER: "Other",
      RCLONE_S3_ENDPOINT: endpoint,
    }));
  });
  afterAll(() => workspace.stop());
  const rclone = (...args: string[]) => workspace.run("rclone", ...args, ...PARTS);
  const keys = (prefix: string) => FILE_NAMES.map((name) => prefix + name);

  test("uploads a folder by sync, a large file in parts", async () => {
    await rclone("sync", "tree", `:s3:${BUCKET}/t`);
    expect(await workspace.keysBelow("t/")).toEqual(keys("t/"));
    const at = { Bucket: BUCKET, Key: "t/large.bin" };
    expect((await workspace.client.send(new HeadObjectCommand(at))).ETag).toMatch(/-2"$/);
  });

  test("finds no difference by check", async () => {
    await rclone("check", "--download", "tree", `:s3:${BUCKET}/t`);
  });

  test("lists the keys of the folder by lsf", async () => {
    expect((await rclone("lsf", "-R", `:s3:${BUCKET}/t`)).split("\n").sort()).toEqual(
      ["", ...FILE_NAMES, "sub/"].sort(),
    );
  });

  test("copies objects within the bucket by copy, a large one in parts", async () => {
    await rclone("copy", `:s3:${BUCKET}/t`, `:s3:${BUCKET}/u`);
    await rclone("copy", `:s3:${BUCKET}/u`, "back");
    expect(await workspace.isCopy("back")).toBe(true);
  });

  test("reads an object by the URL of link", async () => {
    const url = await rclone("link", "--expire=60s", `:s3:${BUCKET}/t/a.txt`);
    expect(await (await fetch(url.trim())).text()).toBe("a\n");
  });

  test("lists the versions of an object by lsf", async () => {
    await rclone("backend", "versioning", `:s3:${BUCKET}`, "Enabled");
    await rclone("copyto", "tree/sub/b c+ü.txt", `:s3:${BUCKET}/t/a.txt`);
    const listing = await rclone("lsf", "--s3-versions", `:s3:${BUCKET}/t`);
    expect(listing).toMatch(/^a-v\d{4}-.*\.txt\na\.txt\n/);
  });

  test("deletes a folder by purge", async () => {
    await rclone("purge", `:s3:${BUCKET}/u`);
    expect(await workspace.keysBelow("u/")).toEqual([]);
  });
});
