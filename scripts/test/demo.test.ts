import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const demo = fileURLToPath(new URL("../demo.mjs", import.meta.url));
let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(path.join(os.tmpdir(), "demo-test-"));
});

afterAll(() => {
  rmSync(temporary, { recursive: true, force: true });
});

/** Start the demo; `until` resolves with the first group of a pattern once it is printed. */
function start(...args: string[]) {
  return watch(process.execPath, [demo, ...args]);
}

function watch(command: string, args: readonly string[]) {
  const child = spawn(command, args, {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("output");
    });
  }
  const ended = once(child, "close").then(() => ({ code: child.exitCode, output }));
  const until = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(output)?.[1];
      if (found !== undefined) {
        return found;
      }
      await once(child, "output");
    }
  };
  return { child, ended, until };
}

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe("npm run demo", () => {
  test("runs until it is interrupted, and leaves nothing behind", async () => {
    const { child, ended, until } = start();
    const folder = await until(/Start an S3 server on (\S+)/);
    const s3 = await until(/listening on (http:\S+)/);
    const service = await until(/service {2}(http:\S+)/);
    expect(await answers(service)).toBe(true);
    child.kill("SIGINT");
    const { code, output } = await ended;
    expect(output).toMatch(/"est_hours_to_dispatch": \d/);
    expect(code).toBe(0);
    expect([await answers(service), await answers(s3), existsSync(folder)]).toEqual([false, false, false]);
  });

  test("leaves nothing behind when it is interrupted halfway", async () => {
    const { child, ended, until } = start("--once");
    const folder = await until(/Start an S3 server on (\S+)/);
    const s3 = await until(/listening on (http:\S+)/);
    child.kill("SIGTERM");
    await ended;
    expect([await answers(s3), existsSync(folder)]).toEqual([false, false]);
  });

  test("ends with the npm that runs it", async () => {
    const { child, ended, until } = watch("npm", ["run", "demo"]);
    const folder = await until(/Start an S3 server on (\S+)/);
    const s3 = await until(/listening on (http:\S+)/);
    child.kill("SIGTERM");
    // Its output is closed when the last of its processes has ended.
    await ended;
    expect([await answers(s3), existsSync(folder)]).toEqual([false, false]);
  });

  test("exits with 2 and one line for an unknown option", async () => {
    const { ended } = start("--twice");
    const { code, output } = await ended;
    expect(output).toMatch(/^\s*Demo failed: Unknown option '--twice'/);
    expect(code).toBe(2);
  });
});
