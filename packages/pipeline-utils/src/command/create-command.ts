import { checkOptions } from "../argument-error.js";
import type { OptionKinds } from "../argument-error.js";
import { createS3Client } from "../aws/client.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { InvalidArgumentsError } from "../stage/program/errors.js";
import { describeFailure } from "../stage/program/failure.js";
import { readVersion, renderHelp, renderUsage } from "../stage/program/help.js";
import { parseArguments } from "../stage/program/parse-arguments.js";
import { ALIAS_COMMANDS } from "./alias-commands.js";
import { DATASET_COMMANDS } from "./dataset-commands.js";
import { doctor } from "./doctor.js";
import { MODEL_COMMANDS } from "./model-commands.js";
import { monitor } from "./monitor-command.js";
import type { CommandContext, Subcommand } from "./subcommand.js";
import { trace } from "./trace.js";

const PROGRAM = "pipeline-utils";

/** In the order of `--help`. */
const COMMANDS: readonly Subcommand[] = [
  ...MODEL_COMMANDS,
  ...ALIAS_COMMANDS,
  ...DATASET_COMMANDS,
  trace,
  monitor,
  doctor,
];

const ENVIRONMENT = {
  MODEL_SIGNING_KEY: "ed25519 private key in PEM, for models sign",
  MODEL_PUBLIC_KEYS: "ed25519 public keys in PEM; with them, unsigned models are rejected",
};

/** Options of {@link createCommand}. */
export interface CommandOptions {
  /** Model classes whose predictions the command may compare. */
  readonly modelClasses: readonly ModelClass<unknown>[];
}

const COMMAND_OPTIONS: OptionKinds<CommandOptions> = { modelClasses: "other" };

/**
 * Make the command `pipeline-utils` for a project with model types of its own.
 *
 * @returns Runs a command line, without the names of Node and the program, and sets the exit code of the process. The codes
 *   are 0 for done, 1 if a retry may help, 2 if a retry fails again, and 3 if the command found what it looks for. Errors
 *   are one line on standard error.
 *
 * @example
 * ```ts
 * import { createCommand } from "@ml-pipelines/pipeline-utils/command";
 * import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
 *
 * const command = createCommand({ modelClasses: [dtRegression] });
 * await command(["datasets", "list", "my-bucket", "orders"]); // or process.argv.slice(2)
 * ```
 *
 * prints
 *
 * ```
 * TIME                      KEY
 * 2021-07-03T23:05:32.000Z  datasets/orders_2021-07-03T23:05:32.csv
 * ```
 */
export function createCommand(options: CommandOptions): (argv: readonly string[]) => Promise<void> {
  checkOptions(options, COMMAND_OPTIONS);
  return async (argv) => {
    process.exitCode = await runCommand(argv, options.modelClasses);
  };
}

/** Run a command line. Returns the exit code. */
async function runCommand(
  argv: readonly string[],
  modelClasses: readonly ModelClass<unknown>[],
): Promise<number> {
  const command = COMMANDS.find(({ words }) => words.split(" ").every((word, i) => argv[i] === word));
  if (command === undefined) {
    return runWithoutCommand(argv);
  }
  const { words, arguments: declared } = command;
  try {
    const parsed = parseArguments(declared, argv.slice(words.split(" ").length), process.env);
    if (parsed.action !== "run") {
      print(parsed.action === "help" ? helpOf(command) : readVersion(process.argv[1] ?? "."));
      return 0;
    }
    return await runParsed(command, parsed.values, modelClasses);
  } catch (error) {
    if (error instanceof InvalidArgumentsError) {
      const usage = `usage: ${PROGRAM} ${words} ${renderUsage(declared)}`;
      console.error(`${PROGRAM} ${words}: ${error.message}\n${usage}`);
      return 2;
    }
    const { exitCode, reason, isBug } = describeFailure(error);
    console.error(isBug ? error : `${PROGRAM} ${words}: ${reason}`);
    return exitCode;
  }
}

async function runParsed(
  command: Subcommand,
  values: Readonly<Record<string, unknown>>,
  modelClasses: readonly ModelClass<unknown>[],
): Promise<number> {
  const isJson = values.json === true;
  const client = createS3Client({
    onRetry({ message }) {
      console.error(`${PROGRAM}: ${message}`);
    },
  });
  const context: CommandContext = {
    client,
    modelClasses,
    say: (line) => {
      if (!isJson) {
        print(line);
      }
    },
  };
  try {
    const { text, json, exitCode = 0 } = await command.run(values, context);
    print(isJson ? JSON.stringify(json, undefined, 2) : text);
    return exitCode;
  } finally {
    // Open connections would keep the process alive.
    client.destroy();
  }
}

/** A command line that names no command: a request for help, or an error with the commands there are. */
function runWithoutCommand(argv: readonly string[]): number {
  const [first = "--help"] = argv;
  if (first === "--version") {
    print(readVersion(process.argv[1] ?? "."));
    return 0;
  }
  if (first === "--help" || first === "-h") {
    print(overview());
    return 0;
  }
  const words = argv.slice(0, 2).filter((word) => !word.startsWith("-"));
  const known = COMMANDS.map((command) => command.words);
  const near = known.filter((command) => command.startsWith(`${first} `));
  const expected = (near.length === 0 ? known : near).join(", ");
  console.error(`${PROGRAM}: ${JSON.stringify(words.join(" "))} is no command, expected ${expected}`);
  return 2;
}

function overview(): string {
  const lines = COMMANDS.map(
    ({ words, arguments: declared, description }) =>
      `  ${words} ${renderUsage(declared)}\n      ${description}`,
  );
  return [
    `usage: ${PROGRAM} COMMAND …`,
    "Lists, compares, verifies, promotes and deletes models in a bucket, and shows datasets.",
    lines.join("\n"),
    `${PROGRAM} COMMAND --help has the arguments of a command and an example.`,
  ].join("\n\n");
}

function helpOf({ words, description, arguments: declared, example, exitCodes }: Subcommand): string {
  return renderHelp({
    name: `${PROGRAM} ${words}`,
    ...{ description, arguments: declared, environment: ENVIRONMENT, isLogged: false },
    example: `npm exec --no -- ${PROGRAM} ${words} ${example}`,
    ...(exitCodes === undefined ? {} : { exitCodes }),
  });
}

let isSurviving = false;

/** Print to standard output. A reader such as `head` may be gone, which is no error. */
function print(text: string): void {
  if (!isSurviving) {
    isSurviving = true;
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") {
        throw error;
      }
    });
  }
  process.stdout.write(`${text}\n`);
}
