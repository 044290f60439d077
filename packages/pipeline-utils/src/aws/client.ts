import { S3Client } from "@aws-sdk/client-s3";
import type { S3ClientConfig } from "@aws-sdk/client-s3";

import { checkOptions } from "../argument-error.js";
import type { OptionKinds } from "../argument-error.js";
import { S3AccessError } from "../errors.js";
import { BoundedRetryStrategy } from "./client-retry.js";
import type { RetryEvent } from "./client-retry.js";
import { TimeLimitedHandler } from "./time-limited-handler.js";

/** Time limit to connect. */
const CONNECTION_TIMEOUT_MILLISECONDS = 3_000;
/** Limit of silence on a connection. S3 usually answers within one second. */
const IDLE_TIMEOUT_MILLISECONDS = 4_000;
/**
 * Limit of silence for large bodies and completions: the server stores or assembles data before it answers. S3 itself
 * waits this long for a silent client.
 */
const BUSY_TIMEOUT_MILLISECONDS = 20_000;
/** Time limit of an attempt, including its answer. Uploads get extra time; downloads of objects have no limit. */
const ATTEMPT_TIMEOUT_MILLISECONDS = 10_000;

/** Concurrent connections. A program with more transfers should limit them itself. */
const MAX_CONNECTIONS = 500;

/** Settings of {@link createS3Client} that have no environment variable. */
export interface S3ClientOptions {
  /** Settings of the SDK, such as endpoint, region or credentials. They override the environment. */
  readonly config?: S3ClientConfig | undefined;
  /** Called before each retry. Default: a Node warning on standard error. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

const S3_CLIENT_OPTIONS: OptionKinds<S3ClientOptions> = { config: "object", onRetry: "function" };

/**
 * Create an S3 client from the environment.
 *
 * The client reads the SDK's own settings: `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, `AWS_MAX_ATTEMPTS`, all kinds of
 * credentials and the rest. `AWS_DEFAULT_REGION` applies if `AWS_REGION` is not set. With an endpoint override,
 * addresses are path-style. These limits apply to each attempt:
 *
 * - It has 3 s to connect.
 * - It ends after 4 s of silence, or after 20 s if it sends more than 512 KiB or completes a multipart upload.
 * - It ends after 10 s in total, plus 1 s for each 64 kB that it sends.
 * - Completing a multipart upload may take 10 min in total. Downloading an object has no total limit.
 *
 * No attempt starts later than 6 s after the first.
 *
 * @throws {S3AccessError} `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` is not a URL.
 * @see https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/client/s3/
 */
export function createS3Client(options: S3ClientOptions = {}): S3Client {
  checkOptions(options, S3_CLIENT_OPTIONS);
  const { config = {}, onRetry = warnOfRetry } = options;
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
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    forcePathStyle: config.endpoint !== undefined || [AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL].some(isSet),
    // Every body is already sent with its MD5. An additional CRC32 costs time, and some servers reject it.
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
    // The time to connect includes the wait for a free connection, so allow enough connections.
    httpAgent: { maxSockets: MAX_CONNECTIONS },
    httpsAgent: { maxSockets: MAX_CONNECTIONS },
  };
}

/** Make a second handler for a client. The SDK only creates handlers for clients, so this creates one. */
function makeHandler(socketTimeout: number): S3Client["config"]["requestHandler"] {
  return new S3Client({ region: "none", requestHandler: handlerSettings(socketTimeout) }).config
    .requestHandler;
}

/** An empty variable counts as not set. */
function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "";
}

function warnOfRetry({ message }: RetryEvent): void {
  process.emitWarning(message, "S3Retry");
}

const clientLimits = new WeakMap<S3Client, ClientLimits>();

/** The time limits that a client was made with. */
export function limitsOf(client: S3Client): ClientLimits {
  return clientLimits.get(originalOf(client)) ?? {};
}

const retryListeners = new WeakMap<S3Client, (event: RetryEvent) => void>();

/** Report a retry that this package makes, not the SDK. */
export function reportRetry(client: S3Client, event: RetryEvent): void {
  (retryListeners.get(originalOf(client)) ?? warnOfRetry)(event);
}

const originals = new WeakMap<S3Client, S3Client>();

/** A client with other middleware, which shares everything else with the given one: connections, settings, limits. */
export function deriveClient(client: S3Client, middlewareStack: S3Client["middlewareStack"]): S3Client {
  const derived = new Proxy(client, {
    get: (target, name): unknown =>
      name === "middlewareStack" ? middlewareStack : Reflect.get(target, name),
  });
  originals.set(derived, originalOf(client));
  return derived;
}

/** The client that a derived one was made from. Any other client is its own original. */
export function originalOf(client: S3Client): S3Client {
  return originals.get(client) ?? client;
}

let sharedClient: S3Client | undefined;

/** The shared default client. It is made on first use, not at import, and kept so that its connections are reused. */
export function defaultS3Client(): S3Client {
  sharedClient ??= createS3Client();
  return sharedClient;
}

/**
 * Check that an endpoint from the environment is a URL. The SDK's own error names neither the variable nor the value.
 *
 * @param variable - Name of the environment variable, for the message.
 * @throws {S3AccessError} Not retryable: the value is no http or https URL, for example `foo` or `localhost:9000`.
 */
function checkEndpoint(variable: string, value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && /^https?:\/\//i.test(value)) {
    return;
  }
  // Hide user and password of the URL.
  const shown = JSON.stringify(value.replace(/\/\/[^/]*@/, "//…@").slice(0, 200));
  throw new S3AccessError(`${variable} is ${shown}, expected a URL such as http://127.0.0.1:9000`, {
    retryable: false,
  });
}
