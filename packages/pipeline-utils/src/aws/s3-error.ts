import { ArtefactNotFoundError, PipelineUtilsError, S3AccessError } from "../errors.js";
import { isObject } from "../is-object.js";

/** The fields used from errors of the SDK. These have many classes: those of S3, of the SDK and of Node's sockets. */
interface SdkErrorFacts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly attempts: number;
}

function factsOf(error: unknown): SdkErrorFacts {
  const fields: Record<string, unknown> = isObject(error) ? error : {};
  const metadata = isObject(fields.$metadata) ? fields.$metadata : {};
  const nested = Array.isArray(fields.errors) && isObject(fields.errors[0]) ? fields.errors[0] : {};
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    name: text(fields.name),
    code: text(fields.code) || text(fields.Code),
    // If several addresses refuse the connection, Node throws an AggregateError without a message.
    message: cleanMessage(text(fields.message) || text(nested.message)),
    status: typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined,
    attempts: typeof metadata.attempts === "number" ? metadata.attempts : 1,
  };
}

/** Remove the SDK's internal details, and put the message on one line so that it fits into a sentence. */
function cleanMessage(message: string): string {
  return message
    .replaceAll(/\s+/g, " ")
    .replace(/^@(?:smithy|aws-sdk)\/\S+ - /, "")
    .replace(/ ?Deserialization error: to see the raw response.*$/, "")
    .replace(/ \((?:configured by client requestHandler|service default socket timeout)\)/, "")
    .replace(/[.\s]+$/, "")
    .slice(0, 500);
}

/** The HTTP status of an SDK error; undefined if there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return factsOf(error).status;
}

/** Whether the request succeeded but the SDK could not parse the answer, for example because it is not XML. */
export function isUnreadableAnswer(error: unknown): boolean {
  const { name, code, status } = factsOf(error);
  // Connection errors have a code, or the name of a timeout.
  return status !== undefined && status < 300 && code === "" && /^(?:Syntax)?Error$/.test(name);
}

interface Diagnosis {
  readonly says: string;
  readonly retryable: boolean;
}

const NETWORK_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the server refuses connections: is it running, is the endpoint right?",
  ECONNRESET: "the connection was cut",
  "socket hang up": "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "the server did not answer in time",
  EHOSTUNREACH: "there is no route to the server",
  ENETUNREACH: "there is no route to the server",
  ENOTFOUND: "the server's name cannot be resolved: is the endpoint or the region right?",
  EAI_AGAIN: "the server's name cannot be resolved at the moment",
  EPROTO: "TLS failed",
};

const KMS_KEY_DISABLED: Diagnosis = {
  says: "the KMS key of the object is disabled: enable it, or name another one",
  retryable: false,
};

const STORAGE_FULL: Diagnosis = { says: "the server's storage is full", retryable: false };

/**
 * From a server's message about a read of an object that is encrypted by a customer's key, without that key. S3 has
 * the code InvalidRequest, Ceph's gateway has InvalidArgument.
 */
const CUSTOMER_KEY_MISSING = /^Invalid(Request|Argument): .*server.side.encryption/is;

/** Error codes of S3. A missing bucket or rejected credentials fail again, so they are not retryable. */
const S3_CODES: Readonly<Record<string, Diagnosis>> = {
  NoSuchBucket: { says: "the bucket does not exist", retryable: false },
  AccessDenied: { says: "access denied: the credentials lack the permission", retryable: false },
  InvalidAccessKeyId: { says: "the access key is not known to the server", retryable: false },
  SignatureDoesNotMatch: { says: "the secret access key is wrong", retryable: false },
  ExpiredToken: { says: "the credentials have expired", retryable: false },
  ExpiredTokenException: { says: "the credentials have expired", retryable: false },
  InvalidToken: { says: "the session token is not valid", retryable: false },
  RequestTimeTooSkewed: { says: "this machine's clock differs too much from the server's", retryable: false },
  RequestExpired: { says: "this machine's clock differs too much from the server's", retryable: false },
  PermanentRedirect: { says: "the bucket is in another region: set AWS_REGION to it", retryable: false },
  TemporaryRedirect: { says: "the bucket is being moved to another region", retryable: true },
  AuthorizationHeaderMalformed: {
    says: "the region is wrong: set AWS_REGION to the bucket's",
    retryable: false,
  },
  IllegalLocationConstraintException: {
    says: "the region is wrong: set AWS_REGION to the bucket's",
    retryable: false,
  },
  InvalidObjectState: { says: "the object is archived: restore it first", retryable: false },
  RequestTimeout: { says: "the connection was silent for too long for the server", retryable: true },
  NoSuchUpload: { says: "the upload in parts was aborted, or completed already", retryable: true },
  QuotaExceeded: { says: "the quota of the bucket or its owner is used up", retryable: false },
  "KMS.Disabled": KMS_KEY_DISABLED,
  "KMS.DisabledException": KMS_KEY_DISABLED,
  XMinioStorageFull: STORAGE_FULL,
  SlowDown: { says: "the server asks to slow down", retryable: true },
};

/** Placeholders of the SDK for a missing code, name or message. */
const SAYING_NOTHING: ReadonlySet<string> = new Set(["", "Error", "Unknown", "UnknownError"]);

/** Causes on this machine, without any answer from a server. */
const LOCAL_FAULTS: readonly (readonly [RegExp, Diagnosis])[] = [
  [
    /could not load credentials|credential/i,
    {
      says: "no credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or another source",
      retryable: false,
    },
  ],
  [/region is missing|region not accepted/i, { says: "no usable region: set AWS_REGION", retryable: false }],
];

function diagnose({ name, code, message, status }: SdkErrorFacts): Diagnosis {
  const known = S3_CODES[code] ?? S3_CODES[name];
  if (known !== undefined) {
    return known;
  }
  if (CUSTOMER_KEY_MISSING.test(`${code}: ${message}`)) {
    return {
      says: "the object is encrypted by a customer's key: give the headers of that key by the option headers",
      retryable: false,
    };
  }
  // If the SDK wraps Node's error, only the text contains the code.
  const network =
    NETWORK_CODES[code] ??
    NETWORK_CODES[Object.keys(NETWORK_CODES).find((key) => message.includes(key)) ?? ""];
  if (network !== undefined) {
    return { says: network, retryable: true };
  }
  if (name === "TimeoutError") {
    return { says: "the server did not answer in time", retryable: true };
  }
  if (status === undefined) {
    const local = LOCAL_FAULTS.find(([pattern]) => pattern.test(`${name} ${message}`));
    return local?.[1] ?? { says: "the request failed", retryable: false };
  }
  if (status === 401 || status === 403) {
    return { says: "access denied: the credentials are refused", retryable: false };
  }
  if (status === 301) {
    return { says: "the bucket is in another region: set AWS_REGION to it", retryable: false };
  }
  if (status === 501) {
    return { says: "the server does not have this operation", retryable: false };
  }
  if (status === 507) {
    return STORAGE_FULL;
  }
  if (status >= 500) {
    return { says: `the server failed with status ${status}`, retryable: true };
  }
  if (status === 429 || status === 408 || status === 409) {
    return { says: `the server answers ${status}: try later`, retryable: true };
  }
  return { says: `the server answers ${status}`, retryable: false };
}

/**
 * Describe the error of one request without its address: `the server failed with status 500 (InternalError: we are
 * sorry)`.
 */
export function describeS3Fault(error: unknown): string {
  return describe(factsOf(error), "");
}

function describe(facts: SdkErrorFacts, attempts: string): string {
  const { code, name, message } = facts;
  const detail = [code || name, message].filter((part) => !SAYING_NOTHING.has(part)).join(": ") + attempts;
  return diagnose(facts).says + (detail === "" ? "" : ` (${detail.replace(/^, /, "")})`);
}

/**
 * Translate an error of the SDK into an error of this package. The message is one line with the address; the SDK's
 * error is kept as `cause`.
 *
 * Only S3's own codes for a missing key or version give an {@link ArtefactNotFoundError}. A missing bucket or
 * permission gives an {@link S3AccessError}.
 *
 * @param endpoint - The server if it is not AWS. The message names it, because it may be the wrong one.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function translateS3Error(error: unknown, address: string, endpoint?: string): PipelineUtilsError {
  if (error instanceof PipelineUtilsError) {
    return error;
  }
  const facts = factsOf(error);
  const code = facts.code || facts.name;
  if (code === "NoSuchKey" || code === "NoSuchVersion") {
    return new ArtefactNotFoundError(`${address}: no such object`, { cause: error });
  }
  const where = endpoint === undefined ? address : `${address} at ${endpoint}`;
  const attempts = facts.attempts > 1 ? `, after ${facts.attempts} attempts` : "";
  return new S3AccessError(`${where}: ${describe(facts, attempts)}`, {
    cause: error,
    retryable: diagnose(facts).retryable,
  });
}
