import { parseArgs } from "node:util";
import { InvalidArgumentsError } from "./errors.js";

export const USAGE = `usage: time-to-dispatch-train S3_BUCKET R_SQUARED_ERROR_THRESHOLD R_SQUARED_WARNING_THRESHOLD [--max-seconds N]

Trains on the newest CSV under s3://S3_BUCKET/datasets/ and puts the model under s3://S3_BUCKET/models/.

  S3_BUCKET                    name of the bucket, without s3://
  R_SQUARED_ERROR_THRESHOLD    a model whose r-squared is below this is not kept; in (0, 1]
  R_SQUARED_WARNING_THRESHOLD  a model whose r-squared is below this is kept with a warning; in (0, 1]

  --max-seconds N  give up, with nothing written, when the stage has taken longer than this (default: no limit)
  --help           print this
  --version        print the version

environment: the AWS SDK's variables (AWS_REGION, AWS_ENDPOINT_URL_S3, credentials of every kind), AWS_DEFAULT_REGION,
             GIT_COMMIT_HASH, LOG_LEVEL (DEBUG, INFO, WARNING, ERROR), LOG_FORMAT (text, json)
exit codes:  0 done; 1 failed, a retry may help; 2 will fail again: arguments, access, data, checks, gate`;

/** What the command line asks for. */
export type Command =
  | { action: "help" }
  | { action: "version" }
  | {
      action: "train";
      bucket: string;
      errorThreshold: number;
      warningThreshold: number;
      /** Seconds after which the stage gives up. */
      maxSeconds?: number;
    };

/**
 * Read the command line.
 *
 * @param args - Without node and the script.
 * @throws {InvalidArgumentsError} The message names the argument, its value and the bound.
 */
export function parseArguments(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { action: "help" };
  if (values.version === true) return { action: "version" };
  const [bucket, errorThreshold, warningThreshold, ...rest] = positionals;
  if (
    bucket === undefined ||
    errorThreshold === undefined ||
    warningThreshold === undefined ||
    rest.length > 0
  )
    throw invalid(`got ${positionals.length} argument${positionals.length === 1 ? "" : "s"}, expected 3`);
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw invalid(`S3_BUCKET is "${bucket}", expected a bucket's name: 3 to 63 of a-z, 0-9, "." and "-"`);
  return {
    action: "train",
    bucket,
    errorThreshold: threshold("R_SQUARED_ERROR_THRESHOLD", errorThreshold),
    warningThreshold: threshold("R_SQUARED_WARNING_THRESHOLD", warningThreshold),
    ...(values["max-seconds"] !== undefined && { maxSeconds: seconds(values["max-seconds"]) }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.map(keepNegativeNumber),
      allowPositionals: true,
      options: {
        "max-seconds": { type: "string" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
}

/** "-0.5" is a threshold out of bounds, not an unknown option; a blank in front keeps parseArgs from reading it as one. */
function keepNegativeNumber(arg: string): string {
  return /^-[\d.]/.test(arg) ? ` ${arg}` : arg;
}

/** NaN for what is no decimal number. */
function decimal(text: string): number {
  return /^\s*-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}

/** The longest a timer can wait is 2^31 - 1 ms. */
const MAX_SECONDS = 2_147_483;

function seconds(text: string): number {
  const value = decimal(text);
  if (!(value > 0 && value <= MAX_SECONDS))
    throw invalid(`--max-seconds is "${text.trim()}", expected a number in (0, ${MAX_SECONDS}]`);
  return value;
}

function threshold(name: string, text: string): number {
  const value = decimal(text);
  if (!(value > 0 && value <= 1)) throw invalid(`${name} is "${text.trim()}", expected a number in (0, 1]`);
  return value;
}

function invalid(reason: string): InvalidArgumentsError {
  return new InvalidArgumentsError(
    "Invalid arguments passed to time-to-dispatch-train. " +
      "Expected S3_BUCKET R_SQUARED_ERROR_THRESHOLD R_SQUARED_WARNING_THRESHOLD, " +
      `where all thresholds must be in the range (0, 1]: ${reason}.`,
  );
}
