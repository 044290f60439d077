import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runChild } from "@ml-pipelines/test-support/run-child";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";

const PROGRAM = fileURLToPath(new URL("../fixtures/own-client.mjs", import.meta.url));

let storage: TestStorage;
beforeAll(async () => {
  storage = await TestStorage.start();
});
afterAll(() => storage.stop());

test("puts and gets by a client of another version than the SDK that the package contains", async () => {
  const bucket = await storage.bucketWith({});
  const { code, stdout, stderr } = await runChild(PROGRAM, [bucket], { env: storage.environment });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "[1,8388607]\n", stderr: "" });
});
