import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { lockFolder } from "../../src/store/folder.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "local-s3-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Leave the lock file of a process in the folder; `start` is empty where it is unknown. */
async function leaveLock(pid: number | undefined, start: string, host = hostname()): Promise<string> {
  const name = `lock.${String(pid)}.${start}.${host}`;
  await writeFile(path.join(folder, name), "");
  return name;
}

describe("lockFolder", () => {
  test("rejects a locked folder, and accepts it after the release", async () => {
    const release = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(
      `it belongs to the running server with process id ${process.pid}`,
    );
    expect(await readdir(folder)).toHaveLength(1);
    release();
    expect(await readdir(folder)).toEqual([]);
    lockFolder(folder)();
  });

  test("rejects the lock of another running process, and removes it when the process was killed", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const name = await leaveLock(child.pid, "");
    expect(() => lockFolder(folder)).toThrow(`process id ${String(child.pid)}`);
    expect(await readdir(folder)).toEqual([name]);
    child.kill("SIGKILL");
    await once(child, "exit");
    lockFolder(folder)();
    expect(await readdir(folder)).toEqual([]);
  });

  test("removes the lock of an ended process whose id another process has now", async () => {
    for (const pid of [process.pid, process.ppid]) {
      await leaveLock(pid, "another-boot-123");
    }
    if (process.platform === "linux") {
      lockFolder(folder)();
      expect(await readdir(folder)).toEqual([]);
    } else {
      expect(() => lockFolder(folder)).toThrow("belongs to the running server");
    }
  });

  test("rejects the lock of another host, whose processes it cannot see", async () => {
    const name = await leaveLock(1, "", "another-host.example");
    expect(() => lockFolder(folder)).toThrow(
      `process id 1 on another-host.example (if it no longer runs, remove ${path.join(folder, name)})`,
    );
  });
});
