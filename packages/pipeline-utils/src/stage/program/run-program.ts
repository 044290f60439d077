import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { configureLogger } from "../../logging/configure-logger.js";
import type { Logger } from "../../logging/logger.js";
import type { Arguments, ArgumentValues } from "./argument.js";
import { InvalidArgumentsError } from "./errors.js";
import { describeFailure } from "./failure.js";
import { readVersion, renderHelp, renderUsage } from "./help.js";
import { parseArguments } from "./parse-arguments.js";
import type { Command } from "./parse-arguments.js";
import { StopSignal } from "./stop-signal.js";

/** Passed to the work of a program, beside its arguments. */
export interface ProgramContext {
  readonly log: Logger;
  /** Aborted with a {@link StoppedError} on SIGTERM, SIGINT or the deadline, and with any unhandled error. */
  readonly signal: AbortSignal;
  /** Remember the address of the dataset, for the report of a failure. */
  readonly noteDataset: (address: string) => void;
}

/** A batch or service program. */
export interface ProgramOptions<A extends Arguments> {
  /** Name of the command: `time-to-dispatch-train`. */
  readonly name: string;
  /** The text of `--help` below the usage line. */
  readonly description: string;
  /** Prefix of the module name in every log line: `train_model` gives `train_model.main`. */
  readonly logModule: string;
  /** Begins the log line of every failure except invalid arguments: `Error encountered when training model`. */
  readonly failure: string;
  /** Positionals first, in order, then options. */
  readonly arguments: A;
  /** Further variables that the program reads, with their meanings, for `--help`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The command line without the names of Node and the program. Default: that of the process. */
  readonly argv?: readonly string[];
  /**
   * Seconds that `run` has to settle after `signal` was aborted. After them, the process ends with exit code 1.
   * Default: 10.
   */
  readonly graceSeconds?: number;
  /**
   * The work of the program. The program ends when the promise settles, even if connections are open.
   *
   * If it resolves, the exit code is 0, even after `signal` was aborted. After an abort, a batch program rejects with
   * the signal's reason. A service finishes its requests and resolves.
   */
  run(values: ArgumentValues<A>, context: ProgramContext): Promise<void>;
}

const PROGRAM_OPTIONS: OptionKinds<ProgramOptions<Arguments>> = {
  name: "text",
  description: "text",
  logModule: "text",
  failure: "text",
  arguments: "object",
  environment: "object",
  argv: "texts",
  graceSeconds: "number",
  run: "function",
};

/** Kubernetes kills a process 30 s after SIGTERM, so the default stays below that. */
const DEFAULT_GRACE_SECONDS = 10;

/**
 * Run a program from its arguments to its exit code, and end the process.
 *
 * - Exit codes: 0 done; 1 failed, a retry may help; 2 a retry fails again. See {@link describeFailure}.
 * - Each failure is one line of the log. An unexpected error is logged with its stack.
 * - Warnings of Node and of libraries go into the log.
 * - A second SIGTERM or SIGINT ends the process at once, with exit code 1.
 * - `--help` and `--version` need no other arguments. The version comes from the nearest package.json above the
 *   program's file.
 *
 * @throws {TypeError} The options are no object, or one is unknown or has the wrong type, in a caller without types.
 *
 * @example
 * ```ts
 * import { bucketArgument, runProgram, textOption } from "@ml-pipelines/pipeline-utils/stage";
 *
 * await runProgram({
 *   name: "latest-dataset",
 *   description: "Logs the key of the newest CSV dataset of a bucket.",
 *   logModule: "latest_dataset",
 *   failure: "Could not find a dataset",
 *   arguments: {
 *     bucket: bucketArgument(),
 *     folder: textOption({
 *       placeholder: "FOLDER",
 *       description: "where the datasets are",
 *       expected: "a key prefix",
 *       default: "datasets",
 *     }),
 *   },
 *   argv: ["my-bucket"], // without this line: the process's own
 *   async run({ bucket, folder }, { log, signal }) {
 *     const { findLatestArtefactOnS3 } = await import("@ml-pipelines/pipeline-utils/aws");
 *     const { key } = await findLatestArtefactOnS3("csv", bucket, { folder, signal });
 *     log.info(key);
 *   },
 * });
 * ```
 *
 * prints
 *
 * ```
 * 2021-07-24 09:56:42,718 - INFO - latest_dataset.main - datasets/orders_2021-07-03T23:05:32.csv
 * ```
 */
export async function runProgram<A extends Arguments>(options: ProgramOptions<A>): Promise<void> {
  checkOptions(options, PROGRAM_OPTIONS);
  // Silence the SDK's advice about Node versions, which would begin every log. The pinned SDK supports this version of
  // Node.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  let command: Command<A> | InvalidArgumentsError;
  try {
    command = parseArguments(options.arguments, options.argv ?? process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof InvalidArgumentsError)) {
      throw error;
    }
    command = error;
  }
  if (command instanceof InvalidArgumentsError || command.action === "run") {
    await runLogged(options, command);
    return;
  }
  console.log(command.action === "help" ? renderHelp(options) : readVersion(process.argv[1] ?? "."));
}

async function runLogged<A extends Arguments>(
  options: ProgramOptions<A>,
  command: Extract<Command<A>, { action: "run" }> | InvalidArgumentsError,
): Promise<void> {
  let log: Logger;
  try {
    log = configureLogger({ module: `${options.logModule}.main` });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    exit(2);
    return;
  }
  logWarnings(log);
  if (command instanceof InvalidArgumentsError) {
    exit(logFailure(options, log, command).exitCode);
    return;
  }
  const stop = new StopSignal({
    deadline: command.deadline,
    graceSeconds: options.graceSeconds ?? DEFAULT_GRACE_SECONDS,
    onOverdue(reason) {
      log.error(`${options.failure} - ${reason}`);
      process.exit(1);
    },
  });
  let crash: LoggedFailure | undefined;
  process.on("uncaughtException", (error) => {
    crash ??= { ...logFailure(options, log, error), exitCode: 1 };
    stop.crash(error);
  });
  process.once("beforeExit", () => {
    // Without this listener, Node would end with exit code 13 and no message.
    log.error(`${options.failure} - its work never ends, and waits for nothing`);
    process.exit(1);
  });
  let dataset: string | null = null;
  const noteDataset = (address: string): void => {
    dataset = address;
  };
  let failure: LoggedFailure | undefined;
  try {
    await options.run(command.values, { log, signal: stop.signal, noteDataset });
  } catch (error) {
    // A crash is already in the log.
    failure = crash ?? logFailure(options, log, reasonOf(error, stop.signal));
  }
  failure ??= crash;
  if (failure !== undefined && command.failureHook !== undefined) {
    // Loaded here, because most runs do not fail.
    const { postFailure } = await import("./failure-hook.js");
    await postFailure(command.failureHook, { stage: options.name, ...failure, dataset }, log);
  }
  exit(failure?.exitCode ?? 0);
}

/** A failure as it was logged. */
interface LoggedFailure {
  readonly exitCode: number;
  readonly message: string;
}

function logFailure(options: ProgramOptions<Arguments>, log: Logger, error: unknown): LoggedFailure {
  const { exitCode, reason, isBug } = describeFailure(error);
  const message =
    error instanceof InvalidArgumentsError
      ? `Invalid arguments passed to ${options.name} - expected ${renderUsage(options.arguments)} - ${reason}`
      : `${options.failure} - ${reason}`;
  log.error(message, isBug ? { err: error } : {});
  return { exitCode, message };
}

/** Replace Node's AbortError by the signal's own reason. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  const isAbort = error instanceof Error && error.name === "AbortError";
  return signal.aborted && isAbort ? signal.reason : error;
}

/** Send warnings of Node and of libraries to the log. Node's own listener would print them in another format. */
function logWarnings(log: Logger): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ message }) => {
    log.warn(message);
  });
}

/** End the process once its output is written. Open connections to storage would otherwise keep it alive. */
function exit(exitCode: number): void {
  process.exitCode = exitCode;
  process.stdout.write("", () => {
    process.exit();
  });
}
