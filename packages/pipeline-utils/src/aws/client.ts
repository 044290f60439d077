import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";

import { checkEndpoint } from "./check-endpoint.js";
import { BoundedRetryStrategy } from "./client-retry.js";
import type { RetryEvent } from "./client-retry.js";
import { TimeLimitedHandler } from "./time-limited-handler.js";
import sdk from "./s3-sdk.cjs";

/** A connection that is not made in this time will not be. */
const CONNECTION_TIMEOUT_MILLISECONDS = 3_000;
/** A connection on which nothing moves for so long is dead; S3 answers within one second. */
const IDLE_TIMEOUT_MILLISECONDS = 4_000;
/** But it first stores what it was sent, and puts parts together: S3 itself waits so long for a silent client. */
const BUSY_TIMEOUT_MILLISECONDS = 20_000;
/** No attempt takes longer than this, with its answer, but to move bodies of objects. */
const ATTEMPT_TIMEOUT_MILLISECONDS = 10_000;

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
 * and `AWS_DEFAULT_REGION` where `AWS_REGION` is not set. An endpoint override means path-style addresses. Each attempt
 * has 3 s to connect and ends after 4 s of silence (20 s where it sends more than 512 KiB or completes an upload in parts); after
 * 10 s in all, and 1 s for each 64 kB that it sends, unless it downloads an object, which may take as long as bytes come, or completes
 * an upload in parts, which may take 10 min. No attempt starts later than 6 s after the first.
 *
 * @throws {S3AccessError} `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` is no URL.
 * @see https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/client/s3/
 */
export function createS3Client({ config = {}, onRetry = warnOfRetry }: S3ClientOptions = {}): S3Client {
  return createLimitedClient({ config, onRetry }, {});
}

/** Time limits that a test shortens, in milliseconds. Default: those of every program. */
export interface ClientLimits {
  /** Silence after which a connection is dead, but for large bodies and completions. */
  readonly idle?: number;
  /** Time from a request's first attempt within which another may start. */
  readonly retries?: number;
  /** Time that a writer waits for another writer's claim. */
  readonly claim?: number;
}

/** A client with other time limits, for tests. */
export function createLimitedClient(
  { config = {}, onRetry = warnOfRetry }: S3ClientOptions,
  limits: ClientLimits,
): S3Client {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const { AWS_REQUEST_CHECKSUM_CALCULATION } = process.env;
  const region = [AWS_REGION, AWS_DEFAULT_REGION].find(isSet);
  if (config.endpoint === undefined) {
    for (const [variable, value] of Object.entries({ AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL })) {
      if (value !== undefined && value !== "") {
        checkEndpoint(variable, value);
      }
    }
  }
  const client = new sdk.S3Client({
    ...(region === undefined ? {} : { region }),
    forcePathStyle: config.endpoint !== undefined || [AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL].some(isSet),
    // Every body is sent with its MD5 already; a CRC32 beside it costs time, and some servers refuse it.
    ...(isSet(AWS_REQUEST_CHECKSUM_CALCULATION) ? {} : { requestChecksumCalculation: "WHEN_REQUIRED" }),
    requestHandler: handlerSettings(limits.idle ?? IDLE_TIMEOUT_MILLISECONDS),
    ...config,
  });
  const strategy = new BoundedRetryStrategy(() => client.config.maxAttempts(), onRetry, limits.retries);
  const { requestHandler } = client.config;
  client.config.requestHandler = new TimeLimitedHandler(
    requestHandler,
    config.requestHandler === undefined ? makeHandler(BUSY_TIMEOUT_MILLISECONDS) : requestHandler,
    ATTEMPT_TIMEOUT_MILLISECONDS,
  );
  client.config.retryStrategy = () => Promise.resolve(strategy);
  retryListeners.set(client, onRetry);
  clientLimits.set(client, limits);
  return client;
}

function handlerSettings(socketTimeout: number): NonNullable<S3ClientConfig["requestHandler"]> {
  return {
    connectionTimeout: CONNECTION_TIMEOUT_MILLISECONDS,
    socketTimeout,
    throwOnRequestTimeout: true,
    // The time to connect includes that spent waiting for a free connection: there are enough of them.
    httpAgent: { maxSockets: MAX_CONNECTIONS },
    httpsAgent: { maxSockets: MAX_CONNECTIONS },
  };
}

/** A handler beside a client's own. The SDK makes them for its clients only. */
function makeHandler(socketTimeout: number): S3Client["config"]["requestHandler"] {
  return new sdk.S3Client({ region: "none", requestHandler: handlerSettings(socketTimeout) }).config
    .requestHandler;
}

/** An empty variable is as good as none. */
function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "";
}

function warnOfRetry({ message }: RetryEvent): void {
  process.emitWarning(message, "S3Retry");
}

const clientLimits = new WeakMap<S3Client, ClientLimits>();

/** The time limits that a client was made with. */
export function limitsOf(client: S3Client): ClientLimits {
  return clientLimits.get(client) ?? {};
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
