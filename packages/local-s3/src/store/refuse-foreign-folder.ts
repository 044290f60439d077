import { readdir } from "node:fs/promises";
import { hasErrorCode } from "../error-message.js";

/** What the store, and its drafts, are called. */
const ownName = /^(blobs$|journal\.jsonl|lock)/;

/**
 * Refuse what is no folder, or one with other things in it: somebody else's files would lie among the store's.
 *
 * @throws {Error}
 */
export async function refuseForeignFolder(directory: string): Promise<void> {
  const foreign = (await namesIn(directory)).find((name) => !ownName.test(name));
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
    // What is missing is made, and what cannot be read is told, by what comes next.
    return [];
  }
}
