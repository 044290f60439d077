import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { hasErrorCode } from "../error-message.js";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the kernel's terms; "" where that cannot be known. Tells a process from a later one with its number. */
  readonly started: string;
  /** Tells one lock from the next of the same process. */
  readonly token: string;
}

/**
 * The sign on a folder that a server has it.
 *
 * Node offers no lock that the system lifts when a process dies, so the file names its holder, and one whose holder is no more is taken over.
 */
export class FolderLock {
  readonly #file: string;
  readonly #holder: Holder;

  private constructor(file: string, holder: Holder) {
    this.#file = file;
    this.#holder = holder;
  }

  /** @throws {Error} A running server has the folder. */
  static async acquire(file: string): Promise<FolderLock> {
    const own: Holder = {
      pid: process.pid,
      host: os.hostname(),
      started: (await processStart(process.pid)) ?? "",
      token: randomBytes(8).toString("hex"),
    };
    const draft = `${file}.${own.token}`;
    await writeFile(draft, `${own.pid} ${own.token} ${own.started} ${own.host}\n`, { flag: "wx" });
    try {
      if (!(await linked(draft, file))) {
        await takeOver(file, draft);
      }
    } finally {
      await rm(draft, { force: true });
    }
    return new FolderLock(file, own);
  }

  async release(): Promise<void> {
    if ((await readHolder(this.#file))?.token === this.#holder.token) {
      await rm(this.#file, { force: true });
    }
  }
}

/**
 * Replace the lock of a process that is no more.
 *
 * Of several that try at once, one gets the claim on that very lock; who gets it late finds another's lock in its place, and gives up.
 */
async function takeOver(file: string, draft: string): Promise<void> {
  const found = await readHolder(file);
  if (found !== undefined && (await isRunning(found))) {
    throw inUse(file, found);
  }
  const claim = `${file}.claim-${found?.token ?? "unreadable"}`;
  if (!(await linked(draft, claim))) {
    throw new Error(
      `${file} is being taken over by another server that starts; if none does, remove ${claim}`,
    );
  }
  try {
    const now = await readHolder(file);
    if (now !== undefined && now.token !== found?.token) {
      throw inUse(file, now);
    }
    await rename(draft, file);
  } finally {
    await rm(claim, { force: true });
  }
}

function inUse(file: string, { pid, host }: Holder): Error {
  const where = host === os.hostname() ? "" : ` on ${host} (if it no longer runs, remove the file)`;
  return new Error(`${file} belongs to the running server with process id ${pid}${where}`);
}

/** Make a second name for a file; false if the name is taken. */
async function linked(existing: string, name: string): Promise<boolean> {
  try {
    await link(existing, name);
    return true;
  } catch (error) {
    if (hasErrorCode(error, "EEXIST")) {
      return false;
    }
    throw error;
  }
}

/** `undefined` if there is no lock, or none that a server wrote whole. */
async function readHolder(file: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
  const [, pid, token, started = "", host = ""] = /^(\d+) ([0-9a-f]+) (\S*) (.*)\n$/.exec(text) ?? [];
  return pid === undefined || token === undefined ? undefined : { pid: Number(pid), token, started, host };
}

async function isRunning({ pid, host, started }: Holder): Promise<boolean> {
  if (host !== os.hostname()) {
    return true; // It cannot be asked from here.
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasErrorCode(error, "EPERM");
  }
  const current = await processStart(pid);
  return current === undefined || started === "" || current === started;
}

/**
 * When a process started, as Linux tells it: this boot's identifier and the clock ticks since.
 * `undefined` elsewhere; "ended" for one that was killed and whose parent has not looked yet.
 */
async function processStart(pid: number): Promise<string | undefined> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses, and may hold anything; the state follows it, the start is 19 further.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields[19];
    if (fields[0] === "Z" || fields[0] === "X") {
      return "ended";
    }
    return ticks === undefined ? undefined : `${boot.trim()}:${ticks}`;
  } catch {
    return undefined;
  }
}
