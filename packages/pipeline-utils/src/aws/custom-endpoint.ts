import type { S3Client } from "@aws-sdk/client-s3";

/**
 * The server a client talks to in place of AWS, as `http://127.0.0.1:9000`, for messages; undefined where it talks to AWS.
 *
 * The SDK says so from the first request on, wherever the endpoint was set: in the code, the environment or a profile.
 */
export async function customEndpoint({ config }: S3Client): Promise<string | undefined> {
  if (config.isCustomEndpoint !== true || config.endpoint === undefined) return undefined;
  try {
    const { protocol, hostname, port } = await config.endpoint();
    return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
  } catch {
    // The fault to be told is another.
    return undefined;
  }
}
