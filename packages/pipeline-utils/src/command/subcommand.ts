import type { S3Client } from "@aws-sdk/client-s3";

import type { ModelClass } from "../aws/models/model-class.js";
import { ALIAS_RULE } from "../aws/registry/alias-name.js";
import {
  bucketArgument,
  flagOption,
  integerOption,
  textArgument,
  textOption,
} from "../stage/program/argument.js";
import type { Argument, Arguments, ArgumentValues } from "../stage/program/argument.js";

/** Passed to each command beside its arguments. */
export interface CommandContext {
  readonly client: S3Client;
  readonly modelClasses: readonly ModelClass<unknown>[];
  /** Print a line while the command is at work. With `--json`, nothing is printed. */
  readonly say: (line: string) => void;
}

/** The result of a command, for people and for programs. */
export interface CommandResult {
  /** Printed as it is. */
  readonly text: string;
  /** Printed instead with `--json`. */
  readonly json: unknown;
  /** 2: a check of the bucket failed. 3: the command found what it looks for, such as a difference. Default: 0. */
  readonly exitCode?: 0 | 2 | 3;
}

/** One command, such as `models list`. */
export interface Subcommand {
  /** The words that call it, one space between them. */
  readonly words: string;
  /** One sentence for `--help`. */
  readonly description: string;
  /** Arguments of an example, as a user types them. */
  readonly example: string;
  /** Exit codes besides 0, 1 and 2. */
  readonly exitCodes?: string;
  readonly arguments: Arguments;
  run(values: unknown, context: CommandContext): Promise<CommandResult>;
}

/** Declare a command. `--json` is added to its arguments. */
export function subcommand<A extends Arguments>(
  declared: Omit<Subcommand, "arguments" | "run"> & {
    readonly arguments: A;
    run(values: ArgumentValues<A>, context: CommandContext): Promise<CommandResult>;
  },
): Subcommand {
  const all: Arguments = {
    ...declared.arguments,
    json: flagOption({ description: "print JSON for programs" }),
  };
  return {
    ...declared,
    arguments: all,
    run(values, context) {
      if (!hasValues<A>(values)) {
        throw new TypeError(`${declared.words}: the arguments were not parsed`);
      }
      return declared.run(values, context);
    },
  };
}

/** The runner parses the arguments that the command declares; the compiler cannot see that. */
function hasValues<A extends Arguments>(values: unknown): values is ArgumentValues<A> {
  return typeof values === "object" && values !== null;
}

/** The bucket, which every command takes first. */
export const bucket: Argument<string> = { ...bucketArgument(), placeholder: "BUCKET", variable: undefined };

/** The name of models or datasets. */
export function nameArgument(example: string): Argument<string> {
  return textArgument({
    name: "NAME",
    description: `name before the timestamp of the files, such as ${example}`,
    expected: 'a name without "/"',
    pattern: /^[^/]+$/,
  });
}

/** The name of the models. */
export const name = nameArgument("time-to-dispatch");

/** Which model: its key, `latest`, or an alias. */
export const model: Argument<string> = {
  ...textArgument({
    name: "KEY|latest|@ALIAS",
    description: "key of the file, the newest of the name, or the one that an alias names; default latest",
    expected: "a key, latest or an alias such as @production",
  }),
  fallback: { value: "latest" },
};

export const alias = requiredOption({
  placeholder: "ALIAS",
  description: "the alias, such as production",
  ...ALIAS_RULE,
});

const SOME_TEXT = { expected: "text that is not empty", pattern: /\S/ } as const;

export const reason = requiredOption({
  placeholder: "TEXT",
  description: "why, for the log",
  ...SOME_TEXT,
});

export const actor = textOption({
  placeholder: "WHO",
  description: "who decides, for the log (default: the user and the machine)",
  ...SOME_TEXT,
});

/** A text option without which the command does not run. */
export function requiredOption(spec: Parameters<typeof textOption>[0]): Argument<string> {
  return { ...textOption({ ...spec, default: "" }), fallback: undefined };
}

export const limit = integerOption({
  placeholder: "N",
  description: "only the newest",
  minimum: 1,
  default: 20,
});
