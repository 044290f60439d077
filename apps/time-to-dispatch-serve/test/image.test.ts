import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";

/** The app's folder, whose files the image has in its working directory. */
const APP = fileURLToPath(new URL("..", import.meta.url));
const DOCKERFILE = new URL("../../../Dockerfile", import.meta.url);

const parseWords: (json: string) => string[] = JSON.parse;

/** The command line of the image, from its ENTRYPOINT. */
async function entrypoint(): Promise<string[]> {
  const [, words = "[]"] = /^ENTRYPOINT (\[.*\])$/m.exec(await readFile(DOCKERFILE, "utf8")) ?? [];
  return parseWords(words);
}

describe("the image", () => {
  let storage: ModelStorage;
  beforeAll(async () => {
    storage = await ModelStorage.start();
    await storage.putModel();
  });
  afterAll(() => storage.stop());

  test("answers SageMaker on port 8080 when it is started with the argument serve", async () => {
    const [program = "", ...argv] = await entrypoint();
    expect(program).toBe("node");
    // An address of its own on loopback: port 8080 of 127.0.0.1 may be taken.
    const host = "127.18.80.80";
    const child = spawn(process.execPath, [...argv, "serve"], {
      cwd: APP,
      env: { PATH: process.env.PATH, ...storage.environment, S3_BUCKET: BUCKET, HOST: host },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    try {
      let output = "";
      for await (const text of child.stdout.setEncoding("utf8")) {
        output += String(text);
        if (output.includes("Listening on")) {
          break;
        }
      }
      expect(output).toContain(`Listening on http://${host}:8080`);
      const ping = await fetch(`http://${host}:8080/ping`);
      expect(ping.status).toBe(200);
      const invocation = await fetch(`http://${host}:8080/invocations`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"instances": [["SKU001", 60]]}',
      });
      expect(await invocation.json()).toEqual({ predictions: [5.5] });
    } finally {
      child.kill("SIGKILL");
      await closed;
    }
  });
});
