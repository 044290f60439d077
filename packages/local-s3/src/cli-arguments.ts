import { parseArgs } from "node:util";
import { errorMessage } from "./errors.js";
import type { LocalS3Options } from "./start-local-s3.js";
import { checkBucketName } from "./store/bucket.js";

export const USAGE = `local-s3: an S3-compatible server over a folder, on the loopback interface

usage: local-s3 --directory DIR [options]

  --directory DIR     folder for buckets and objects; created if missing
  --port PORT         default 9000; 0 for any free port
  --bucket NAME       create this bucket if missing; may be given several times
  --access-key KEY    default: $LOCAL_S3_ACCESS_KEY, else "local"
  --secret-key KEY    default: $LOCAL_S3_SECRET_KEY, else "local-secret"
  --version           print the version
  -h, --help          print this
`;

type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "serve"; readonly options: LocalS3Options };

/** Invalid arguments. The message is one line. */
export class UsageError extends Error {}

/**
 * @param environment - Read for LOCAL_S3_ACCESS_KEY and LOCAL_S3_SECRET_KEY.
 * @throws {UsageError}
 */
export function parseCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const values = parse(args);
  if (values.help === true) {
    return { kind: "help" };
  }
  if (values.version === true) {
    return { kind: "version" };
  }
  const { directory, bucket: buckets = [] } = values;
  if (directory === undefined || directory === "") {
    throw new UsageError("--directory is missing: give the folder for buckets and objects");
  }
  for (const bucket of buckets) {
    const fault = checkBucketName(bucket);
    if (fault !== undefined) {
      throw new UsageError(`--bucket is "${bucket}": ${fault}`);
    }
  }
  return {
    kind: "serve",
    options: {
      directory,
      port: readPort(values.port ?? "9000"),
      buckets,
      accessKeyId: secret("--access-key", values["access-key"] ?? environment.LOCAL_S3_ACCESS_KEY ?? "local"),
      secretAccessKey: secret(
        "--secret-key",
        values["secret-key"] ?? environment.LOCAL_S3_SECRET_KEY ?? "local-secret",
      ),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        directory: { type: "string" },
        port: { type: "string" },
        bucket: { type: "string", multiple: true },
        "access-key": { type: "string" },
        "secret-key": { type: "string" },
        version: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(errorMessage(error).replace(/\s*\n\s*/g, " "), { cause: error });
  }
}

function readPort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : -1;
  if (port < 0 || port > 65_535) {
    throw new UsageError(`--port is "${value}", expected a number from 0 to 65535`);
  }
  return port;
}

/** Check a key. The error never repeats its value. */
function secret(name: string, value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new UsageError(`${name} is empty or has characters other than visible ASCII`);
  }
  return value;
}
