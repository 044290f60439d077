import type { S3Client } from "@aws-sdk/client-s3";

import { clientOf } from "../../aws/artefacts/headers.js";
import { putUnread } from "../../aws/artefacts/put/write-once.js";

/** Where an object of the log goes. */
interface LogObject {
  readonly bucket: string;
  readonly key: string;
  /** The same for all attempts to write the object. */
  readonly writeId: string;
  readonly client: S3Client | undefined;
  readonly signal: AbortSignal;
}

/**
 * Write one object of the log, create-only. The account needs the permission to write, and none to read.
 *
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws The signal's reason, once the signal is aborted.
 */
export async function writeLogObject(body: Uint8Array, { client, ...to }: LogObject): Promise<void> {
  const fixed = { overwrite: false, ifMatch: undefined, skipUnchanged: false, onProgress: () => undefined };
  await putUnread({ ...to, ...fixed, client: clientOf({ client }) }, body);
}
