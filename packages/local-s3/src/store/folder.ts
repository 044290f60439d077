import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { errorMessage, hasErrorCode } from "../errors.js";

/** The names that the store gives its own files. */
const OWN_NAMES = /^(blobs$|journal\.jsonl|lock)/;

/** `lock.PID.START.HOST`, see `lockFolder`. */
const LOCK_NAME = /^lock\.(\d+)\.([^.]*)\.(.*)$/;

/**
 * Make the folder if it is missing, and lock it for this process.
 *
 * @returns Releases the lock.
 * @throws {Error} The folder cannot be made, holds other files, or belongs to a running server.
 */
export async function claimFolder(directory: string): Promise<() => void> {
  await rejectForeignFolder(directory);
  try {
    await makeFolder(directory);
    return lockFolder(directory);
  } catch (error) {
    throw new Error(`cannot use the folder ${directory}: ${errorMessage(error)}`, { cause: error });
  }
}

/**
 * Make a folder and the folders above it.
 *
 * The `recursive` option of mkdir never returns if a folder above exists but takes no new ones, as in /proc (Node 20).
 *
 * @throws {Error} The folder cannot be made, or a file is in its place.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdirIfMissing(folder);
  } catch (error) {
    const parent = path.dirname(folder);
    if (!hasErrorCode(error, "ENOENT") || parent === folder) {
      throw error;
    }
    await makeFolder(parent);
    await mkdirIfMissing(folder);
  }
}

/**
 * Lock a folder for this process.
 *
 * Node has no lock that the system lifts when a process dies, so the name of the lock file identifies the process:
 * its id, its start time and its host. Each server creates its own file exclusively, and only then looks for others.
 * If two servers start at the same moment, at least one sees the other: never both get the folder, but both may be
 * rejected. A lock whose process no longer runs is removed.
 *
 * @returns Releases the lock.
 * @throws {Error} A running server has the folder.
 */
export function lockFolder(directory: string): () => void {
  const ownName = `lock.${process.pid}.${processStart(process.pid)}.${os.hostname()}`;
  const ownFile = path.join(directory, ownName);
  try {
    writeFileSync(ownFile, "", { flag: "wx" });
  } catch (error) {
    throw hasErrorCode(error, "EEXIST") ? inUse(process.pid) : error;
  }
  const release = (): void => {
    rmSync(ownFile, { force: true });
  };
  try {
    for (const name of readdirSync(directory)) {
      const [, pid, start = "", host = ""] = LOCK_NAME.exec(name) ?? [];
      if (pid === undefined || name === ownName) {
        continue;
      }
      const file = path.join(directory, name);
      if (host !== os.hostname()) {
        throw inUse(Number(pid), ` on ${host} (if it no longer runs, remove ${file})`);
      }
      if (isRunning(Number(pid), start)) {
        throw inUse(Number(pid));
      }
      rmSync(file, { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function inUse(pid: number, where = ""): Error {
  return new Error(`it belongs to the running server with process id ${pid}${where}`);
}

function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasErrorCode(error, "EPERM");
  }
  const current = processStart(pid);
  return current === "" || start === "" || current === start;
}

/**
 * When a process started, from Linux's /proc: this boot's identifier and the clock ticks since. It tells a process
 * from a later one with the same id, which a container started again often has.
 *
 * @returns "" on other systems; "ended" for a killed process that its parent has not waited for.
 */
function processStart(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses, which may hold anything. The state is next, the start 19 later.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state = "", ticks = ""] = [fields[0], fields[19]];
    return state === "Z" || state === "X" ? "ended" : `${boot}-${ticks}`;
  } catch {
    return "";
  }
}

/** Reject a file, or a folder with somebody else's files, which would lie among the store's. */
async function rejectForeignFolder(directory: string): Promise<void> {
  const foreign = (await namesIn(directory)).find((name) => !OWN_NAMES.test(name));
  if (foreign !== undefined) {
    throw new Error(
      `the folder ${directory} holds ${foreign}, which is not local-s3's: give an empty folder, or one of its own`,
    );
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (hasErrorCode(error, "ENOTDIR")) {
      throw new Error(`${directory} is not a folder`, { cause: error });
    }
    // A missing folder is made by the next step. A folder that cannot be read fails there.
    return [];
  }
}

async function mkdirIfMissing(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!hasErrorCode(error, "EEXIST")) {
      throw error;
    }
  }
}
