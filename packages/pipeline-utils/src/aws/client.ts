import { S3Client } from "@aws-sdk/client-s3";

import { BoundedRetryStrategy } from "./client-retry.js";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { RetryEvent } from "./client-retry.js";

/** A connection that is not made in this time will not be. */
const CONNECTION_TIMEOUT_MILLISECONDS = 3_000;
/** A connection on which nothing moves for so long is dead; S3 answers within one second. */
const IDLE_TIMEOUT_MILLISECONDS = 4_000;

/** A program with more transfers than this under way at once had better wait itself. */
const MAX_CONNECTIONS = 500;

/** Settings of {@link createS3Client} that the environment has no variable for. */
export interface S3ClientOptions {
  /** The SDK's settings, before those of the environment: another endpoint, region or source of credentials. */
  readonly config?: S3ClientConfig | undefined;
  /** Told of every wait before a retry. Default: a Node warning, on standard error. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

/**
 * Create an S3 client from the environment.
 *
 * Read are the SDK's own settings (`AWS_REGION`, `AWS_ENDPOINT_URL_S3`, credentials of every kind, `AWS_MAX_ATTEMPTS`, …),
 * and `AWS_DEFAULT_REGION` where `AWS_REGION` is not set. An endpoint override means path-style addresses. Whatever fails
 * does so within 10 s: 3 s to connect, 4 s of silence, and no attempt later than 5 s after the first.
 *
 * @see https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/client/s3/
 */
export function createS3Client({ config = {}, onRetry = warnOfRetry }: S3ClientOptions = {}): S3Client {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const { AWS_REQUEST_CHECKSUM_CALCULATION } = process.env;
  const region = [AWS_REGION, AWS_DEFAULT_REGION].find(isSet);
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    forcePathStyle: config.endpoint !== undefined || [AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL].some(isSet),
    // Every body is sent with its MD5 already; a CRC32 beside it costs time, and some servers refuse it.
    ...(isSet(AWS_REQUEST_CHECKSUM_CALCULATION) ? {} : { requestChecksumCalculation: "WHEN_REQUIRED" }),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MILLISECONDS,
      socketTimeout: IDLE_TIMEOUT_MILLISECONDS,
      // The time to connect includes that spent waiting for a free connection: there are enough of them.
      httpAgent: { maxSockets: MAX_CONNECTIONS },
      httpsAgent: { maxSockets: MAX_CONNECTIONS },
    },
    ...config,
  });
  const strategy = new BoundedRetryStrategy(() => client.config.maxAttempts(), onRetry);
  client.config.retryStrategy = () => Promise.resolve(strategy);
  retryListeners.set(client, onRetry);
  return client;
}

/** An empty variable is as good as none. */
function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "";
}

function warnOfRetry({ message }: RetryEvent): void {
  process.emitWarning(message, "S3Retry");
}

const retryListeners = new WeakMap<S3Client, (event: RetryEvent) => void>();

/** Report a wait that this package, not the SDK, puts before the next request. */
export function reportRetry(client: S3Client, event: RetryEvent): void {
  (retryListeners.get(client) ?? warnOfRetry)(event);
}

let sharedClient: S3Client | undefined;

/** The client used where none is given: made when first needed, never at import, and kept for its connections. */
export function defaultS3Client(): S3Client {
  sharedClient ??= createS3Client();
  return sharedClient;
}
