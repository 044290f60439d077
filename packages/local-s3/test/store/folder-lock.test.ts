import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { FolderLock } from "../../src/store/folder-lock.js";

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "local-s3-lock-"));
  file = path.join(folder, "lock");
});
afterEach(() => rm(folder, { recursive: true }));

describe("FolderLock", () => {
  test("is held by one, and free again once released", async () => {
    const lock = await FolderLock.acquire(file);
    await expect(FolderLock.acquire(file)).rejects.toThrow(
      `${file} belongs to the running server with process id ${process.pid}`,
    );
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await FolderLock.acquire(file)).release();
  });

  test("of a process that was killed is taken over", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const own = await FolderLock.acquire(file);
    const text = await readFile(file, "utf8");
    await own.release();
    // As the child would have written it, its start unknown.
    await writeFile(file, text.replace(/^\d+ (\w+) \S*/, `${String(child.pid)} $1 `));
    await expect(FolderLock.acquire(file)).rejects.toThrow(`process id ${String(child.pid)}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await FolderLock.acquire(file)).release();
  });

  test("of a process that ended, and whose number another has now, is taken over", async () => {
    await writeFile(file, `${process.pid} abcdef another-boot:123 ${hostname()}\n`);
    if (process.platform === "linux") {
      await (await FolderLock.acquire(file)).release();
    } else {
      await expect(FolderLock.acquire(file)).rejects.toThrow("belongs to the running server");
    }
  });

  test("of another host is respected, as nobody can ask there", async () => {
    await writeFile(file, "1 abcdef  another-host\n");
    await expect(FolderLock.acquire(file)).rejects.toThrow(
      `${file} belongs to the running server with process id 1 on another-host (if it no longer runs, remove the file)`,
    );
  });

  test("that was cut while it was written is taken over", async () => {
    for (const text of ["", "12", '{"pid":1}']) {
      await writeFile(file, text);
      await (await FolderLock.acquire(file)).release();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test("of a dead process goes to one of many that want it", async () => {
    for (let round = 0; round < 20; round++) {
      await writeFile(file, `${2 ** 22 - 1} abcdef  ${hostname()}\n`);
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => FolderLock.acquire(file)));
      const locks = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(locks).toHaveLength(1);
      await locks[0]!.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });
});
