import type { AddressInfo } from "node:net";
import {
  aliasOption,
  bucketArgument,
  choiceOption,
  flagOption,
  integerOption,
  InvalidArgumentsError,
  numberOption,
  runProgram,
  StoppedError,
  TemporaryError,
  textOption,
} from "@ml-pipelines/pipeline-utils/stage";
import type { FastifyInstance } from "fastify";
import {
  DEFAULT_BODY_BUDGET_MIB,
  DEFAULT_POLL_SECONDS,
  MAX_BODY_BUDGET_MIB,
  MAX_POLL_SECONDS,
  MIN_BODY_BUDGET_MIB,
  MIN_POLL_SECONDS,
} from "./limits.js";
import { createModelServer } from "./create-model-server.js";
import { defineService, ORIGINS } from "./options.js";
import type { ModelServerOptions } from "./options.js";
import { stopServing } from "./stop-serving.js";

const MAX_PORT = 65_535;

const ARGUMENTS = {
  bucket: bucketArgument(),
  host: textOption({
    placeholder: "HOST",
    variable: "HOST",
    description: "address to listen on",
    expected: "an address to listen on",
    pattern: /^\S+$/,
    default: "0.0.0.0",
  }),
  port: integerOption({
    placeholder: "PORT",
    variable: "PORT",
    description: "port to listen on, 0 for any that is free",
    minimum: 0,
    maximum: MAX_PORT,
    default: 8000,
  }),
  modelKey: textOption({
    placeholder: "KEY",
    variable: "MODEL_KEY",
    description: "serve this model, and no other; excludes --alias",
    expected: "the key of a model",
  }),
  alias: aliasOption({
    variable: "MODEL_ALIAS",
    description: "serve the model that this alias of the registry names (default: the newest model)",
  }),
  pollSeconds: numberOption({
    placeholder: "SECONDS",
    variable: "POLL_SECONDS",
    description: `pause between looks for another model, ${MIN_POLL_SECONDS} to ${MAX_POLL_SECONDS}`,
    minimum: MIN_POLL_SECONDS,
    maximum: MAX_POLL_SECONDS,
    default: DEFAULT_POLL_SECONDS,
  }),
  allowFuture: flagOption({
    variable: "ALLOW_FUTURE",
    description: "serve models dated more than a day ahead of the clock, too",
  }),
  bodyBudgetMib: integerOption({
    placeholder: "MIB",
    variable: "BODY_BUDGET_MIB",
    description: `bytes of request bodies held in memory, in MiB, ${MIN_BODY_BUDGET_MIB} to ${MAX_BODY_BUDGET_MIB}`,
    minimum: MIN_BODY_BUDGET_MIB,
    maximum: MAX_BODY_BUDGET_MIB,
    default: DEFAULT_BODY_BUDGET_MIB,
  }),
  corsOrigin: textOption({
    placeholder: "ORIGINS",
    variable: "CORS_ORIGIN",
    description: "origins whose scripts may use the service, divided by commas, or * (default: none)",
    expected: "* or origins such as https://shop.example, divided by commas",
    pattern: ORIGINS,
  }),
  apiKeysFile: textOption({
    placeholder: "FILE",
    variable: "API_KEYS_FILE",
    description:
      "API keys, one a line; requests other than for health and metrics need one (default: none needed)",
    expected: "the path of a file",
  }),
  accessLog: choiceOption({
    variable: "ACCESS_LOG",
    description: "whether every request is logged",
    choices: ["on", "off"],
    default: "on",
  }),
};

/**
 * Serve the newest model of a name, or the one that an alias names, in production: the whole program, with its arguments, signals
 * and exit codes. It ends the process.
 *
 * It follows newer models, and moves of the alias, without a restart. SIGTERM lets the requests under way finish, and ends with 0.
 *
 * @throws {TypeError} An option is unknown, missing or of another type.
 *
 * @example
 * ```ts
 * // serve.ts
 * import { serveModel } from "@ml-pipelines/model-server";
 * import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
 *
 * await serveModel({ name: "time-to-dispatch", modelClasses: [dtRegression] });
 * ```
 */
export async function serveModel(options: ModelServerOptions): Promise<void> {
  const { program, name, route } = defineService(options);
  await runProgram({
    name: program,
    description: `Serves the newest model models/${name}_….json of the bucket, or the one that an alias names: POST ${route}`,
    logModule: "serve_model",
    failure: "Could not get latest model and start web server",
    arguments: ARGUMENTS,
    environment: {
      MODEL_PUBLIC_KEYS:
        "ed25519 public keys in PEM: only models that one of them signed are served (default: any)",
    },
    argv: commandLine(process.argv.slice(2), process.env),
    async run({ host, port, corsOrigin, accessLog, ...settings }, { log, signal }) {
      const { modelKey, alias } = settings;
      if (modelKey !== undefined && alias !== undefined) {
        throw new InvalidArgumentsError(
          `--model-key ${modelKey} excludes --alias ${alias}: the service serves one model, or follows the alias`,
        );
      }
      try {
        const corsOrigins = corsOrigin?.split(",");
        const started = { ...settings, corsOrigins, accessLog: accessLog === "on", log, signal };
        const app = await createModelServer({ ...options, ...started });
        log.info(`Listening on ${await listen(app, host, port)}`);
        await aborted(signal);
        // Closing begins first: whoever reads the line below finds the port closed.
        const closed = stopServing(app);
        log.info(`Stopping on ${nameOf(signal.reason)}: finishing the requests under way`);
        await closed;
        log.info("Stopped");
      } catch (error) {
        if (!signal.aborted) {
          throw error;
        }
      }
    },
  });
}

/**
 * The command line of the program. SageMaker starts every image with the single argument `serve`, and calls port 8080.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 */
function commandLine(argv: readonly string[], { S3_BUCKET = "" }: NodeJS.ProcessEnv): readonly string[] {
  const isSageMaker = argv.length === 1 && argv[0] === "serve" && S3_BUCKET !== "";
  return isSageMaker ? ["--port", "8080"] : argv;
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
    return addressOf(app.server.address());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new TemporaryError(`could not listen on ${host}:${port} - ${reason}`, { cause: error });
    }
    throw new InvalidArgumentsError(`could not listen on --host ${host} --port ${port}: ${reason}`);
  }
}

function addressOf(bound: AddressInfo | string | null): string {
  if (bound === null || typeof bound === "string") {
    return `http://${String(bound)}`;
  }
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return `http://${host}:${bound.port}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener("abort", () => {
        resolve();
      });
    }
  });
}

/** `SIGTERM`, or the fault that nothing handled. */
function nameOf(reason: unknown): string {
  return reason instanceof StoppedError && reason.signalName !== undefined
    ? reason.signalName
    : String(reason);
}
