import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { BUCKET, describeClient, LARGE_BYTES, openWorkspace } from "../support/client-workspace.js";

// Debian's, whose boto3 its package manager installs.
const PYTHON = "/usr/bin/python3";
const session = fileURLToPath(new URL("boto3-session.py", import.meta.url));

describeClient("boto3", [PYTHON, "-c", "import boto3"], () => {
  test("uploads, copies, lists, tags, reads versions, presigns and deletes", async () => {
    const workspace = await openWorkspace();
    try {
      const results: unknown = JSON.parse(await workspace.run(PYTHON, session, workspace.endpoint, BUCKET));
      expect(results).toEqual({
        "same bytes": true,
        metadata: { k: "v" },
        pages: [["t/a.txt", "t/large.bin"], ["u/large.bin"]],
        tags: [{ Key: "a", Value: "1" }],
        "bucket tags": [{ Key: "team", Value: "x" }],
        attributes: [2, LARGE_BYTES],
        checksum: createHash("sha256").update("sum").digest("base64"),
        versions: [2, 1],
        "first version": "a\n",
        presigned: "signed",
        deleted: 2,
      });
    } finally {
      await workspace.stop();
    }
  });
});
