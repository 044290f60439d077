import { mkdir } from "node:fs/promises";
import path from "node:path";
import { hasErrorCode } from "../error-message.js";

/**
 * Make a folder and those above it. Not by mkdir's `recursive`, which never ends where a folder above exists but takes no
 * new ones, as in /proc (Node 20).
 *
 * @throws {Error} It cannot be made, or a file is in its place.
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

async function mkdirIfMissing(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!hasErrorCode(error, "EEXIST")) {
      throw error;
    }
  }
}
