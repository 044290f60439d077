import { parseArgs } from "node:util";

/** What the program was asked to do. */
export interface Arguments {
  /** Name, without `s3://`. */
  bucket: string;
  host: string;
  /** 0 lets the system choose one. */
  port: number;
  /** Serve this model and no other; undefined follows the newest. */
  modelKey?: string;
  pollSeconds: number;
}

/** Arguments that no retry will make right. */
export class InvalidArgumentsError extends Error {
  constructor(reason: string) {
    super(`Invalid arguments passed to time-to-dispatch-serve - expected S3_BUCKET ${OPTIONS} - ${reason}`);
    this.name = "InvalidArgumentsError";
  }
}

const OPTIONS = "[--host HOST] [--port PORT] [--model-key KEY] [--poll-seconds SECONDS]";

const MAX_PORT = 65_535;
const MIN_POLL_SECONDS = 0.1;
const MAX_POLL_SECONDS = 86_400;

export const USAGE = `usage: time-to-dispatch-serve S3_BUCKET ${OPTIONS}

Serves the newest model under models/ of the bucket, and follows it: POST /api/v0.1/time_to_dispatch

  --host HOST             address to listen on (default 0.0.0.0)
  --port PORT             0 to ${MAX_PORT}, 0 for any that is free (default 8000)
  --model-key KEY         serve this model, and no newer one
  --poll-seconds SECONDS  pause between looks for a newer model, ${MIN_POLL_SECONDS} to ${MAX_POLL_SECONDS} (default 30)
  --help                  print this and exit
  --version               print the version and exit

environment:
  AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, and credentials as the AWS SDK takes them
  LOG_LEVEL               DEBUG, INFO, WARNING or ERROR (default INFO)
  LOG_FORMAT              text or json (default text)
  ACCESS_LOG              on or off: one line for every request (default on)

exit codes: 0 done; 1 failed, a retry may help (storage is down); 2 will fail again (arguments, credentials, bucket, pinned model)`;

/**
 * Read the program's arguments.
 *
 * @param argv - Without the names of the runtime and the program.
 * @returns `"help"` or `"version"` if one of these was asked for.
 * @throws {InvalidArgumentsError} Naming the value and its bound.
 */
export function parseArguments(argv: readonly string[]): Arguments | "help" | "version" {
  const { values, positionals } = split(argv);
  if (values.help) return "help";
  if (values.version) return "version";
  const [bucket, ...rest] = positionals;
  if (bucket === undefined) throw new InvalidArgumentsError("S3_BUCKET is missing");
  if (rest.length > 0) throw new InvalidArgumentsError(`unexpected ${quote(rest.join(" "))}`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(bucket)) {
    throw new InvalidArgumentsError(
      `S3_BUCKET is ${quote(bucket)}, expected a name of 3 to 63 letters, digits, dots and hyphens, without s3://`,
    );
  }
  const modelKey = values["model-key"];
  if (modelKey === "") throw new InvalidArgumentsError('--model-key is "", expected the key of a model');
  return {
    bucket,
    host: parseHost(values.host),
    port: parsePort(values.port),
    pollSeconds: parsePollSeconds(values["poll-seconds"]),
    ...(modelKey !== undefined && { modelKey }),
  };
}

function split(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        host: { type: "string", default: "0.0.0.0" },
        port: { type: "string", default: "8000" },
        "model-key": { type: "string" },
        "poll-seconds": { type: "string", default: "30" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new InvalidArgumentsError(error instanceof Error ? error.message : String(error));
  }
}

function parseHost(text: string): string {
  if (text === "" || /\s/.test(text)) {
    throw new InvalidArgumentsError(`--host is ${quote(text)}, expected an address to listen on`);
  }
  return text;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= MAX_PORT)) {
    throw new InvalidArgumentsError(
      `--port is ${quote(text)}, expected a whole number from 0 to ${MAX_PORT}`,
    );
  }
  return port;
}

function parsePollSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(seconds >= MIN_POLL_SECONDS && seconds <= MAX_POLL_SECONDS)) {
    throw new InvalidArgumentsError(
      `--poll-seconds is ${quote(text)}, expected a number from ${MIN_POLL_SECONDS} to ${MAX_POLL_SECONDS}`,
    );
  }
  return seconds;
}

const quote = (text: string): string => JSON.stringify(text);
