import type { S3Client } from "@aws-sdk/client-s3";

import { otherServer, watchServer } from "../other-server.js";
import { translateS3Error } from "../s3-error.js";

/**
 * Send one S3 request and translate its errors. An abort throws the signal's own reason.
 *
 * @param address - Address of the object, folder or bucket, for messages.
 */
export async function callS3<T>(
  client: S3Client,
  address: string,
  signal: AbortSignal | undefined,
  send: (options: { abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  watchServer(client);
  try {
    return await send(signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw translateS3Error(error, address, otherServer(client));
  }
}
