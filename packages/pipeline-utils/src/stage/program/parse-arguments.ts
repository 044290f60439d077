import { parseArgs } from "node:util";

import type { Argument, Arguments, ArgumentValues } from "./argument.js";
import { InvalidArgumentsError } from "./errors.js";

/** Time limit after which the program stops itself. */
export interface Deadline {
  /** Name on the command line: `--max-seconds`. */
  readonly option: string;
  readonly seconds: number;
}

/** The action that a command line requests. */
export type Command<A extends Arguments> =
  | { readonly action: "help" }
  | { readonly action: "version" }
  | {
      readonly action: "run";
      readonly values: ArgumentValues<A>;
      readonly deadline: Deadline | undefined;
      /** Where to post a failure. */
      readonly failureHook: URL | undefined;
    };

/** Texts of a command line before they are parsed. */
interface GivenTexts {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
}

/**
 * Parse a command line. If it does not give an argument, the argument's variable does, or else its default. An empty
 * variable counts as unset.
 *
 * @param argv - Command line without the names of Node and the program.
 * @throws {InvalidArgumentsError} The message names the argument, its value and the bound.
 */
export function parseArguments<A extends Arguments>(
  declared: A,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Command<A> {
  const given = split(declared, argv);
  if (given.options.help === true) {
    return { action: "help" };
  }
  if (given.options.version === true) {
    return { action: "version" };
  }
  const values: Record<string, unknown> = {};
  let deadline: Deadline | undefined;
  let failureHook: URL | undefined;
  let position = 0;
  for (const [name, argument] of Object.entries(declared)) {
    const text =
      argument.kind === "positional"
        ? given.positionals[position++]
        : textOf(given.options[optionName(name)]);
    const value = readValue(name, argument, text, environment);
    values[name] = value;
    if (argument.isDeadline === true && typeof value === "number") {
      deadline = { option: `--${optionName(name)}`, seconds: value };
    }
    if (argument.isFailureHook === true && value instanceof URL) {
      failureHook = value;
    }
  }
  const surplus = given.positionals.slice(position);
  if (surplus.length > 0) {
    throw new InvalidArgumentsError(`unexpected ${JSON.stringify(surplus.join(" "))}`);
  }
  if (!hasAll(declared, values)) {
    throw new TypeError(`arguments without a value among ${Object.keys(declared).join(", ")}`);
  }
  return { action: "run", values, deadline, failureHook };
}

/** The name of an option on the command line: `max-seconds` for `maxSeconds`. */
export function optionName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function split(declared: Arguments, argv: readonly string[]): GivenTexts {
  const options = Object.entries(declared)
    .filter(([, { kind }]) => kind !== "positional")
    .map(([name, { kind, isRepeated = false }]) => {
      const type = kind === "flag" ? "boolean" : "string";
      return [optionName(name), { type, multiple: isRepeated }] as const;
    });
  try {
    const { positionals, values } = parseArgs({
      args: argv.map(protectNegativeNumber),
      allowPositionals: true,
      options: {
        ...Object.fromEntries(options),
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
    return { positionals: positionals.map(restoreNegativeNumber), options: values };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentsError(reason.replaceAll("\n", " "), { cause: error });
  }
}

/** Make parseArgs read "-0.5" as a value rather than an unknown option, by putting a space before it. */
function protectNegativeNumber(text: string): string {
  return /^-[\d.]/.test(text) ? ` ${text}` : text;
}

function restoreNegativeNumber(text: string): string {
  return /^ -[\d.]/.test(text) ? text.slice(1) : text;
}

/** The texts of a repeated option are joined by line ends, as `textsOption` expects them. */
function textOf(given: GivenTexts["options"][string]): string | undefined {
  return given === undefined ? undefined : [given].flat().map(String).map(restoreNegativeNumber).join("\n");
}

function readValue<T>(
  name: string,
  argument: Argument<T>,
  given: string | undefined,
  environment: NodeJS.ProcessEnv,
): T {
  const { kind, placeholder, variable, fallback } = argument;
  const shownName = kind === "positional" ? placeholder : `--${optionName(name)}`;
  const inherited = variable === undefined ? undefined : environment[variable];
  if (given === undefined && (inherited === undefined || inherited === "")) {
    if (fallback === undefined) {
      throw new InvalidArgumentsError(`${shownName} is missing`);
    }
    return fallback.value;
  }
  const text = given ?? inherited ?? "";
  const read = argument.read(text);
  if (read === undefined) {
    const source = given === undefined ? variable : shownName;
    const shown = argument.isFailureHook === true ? "not valid" : JSON.stringify(text);
    throw new InvalidArgumentsError(`${source} is ${shown}, expected ${argument.expected}`);
  }
  return read.value;
}

/** Whether all values are present. The compiler cannot see that each was read by the argument of the same name. */
function hasAll<A extends Arguments>(
  declared: A,
  values: Readonly<Record<string, unknown>>,
): values is ArgumentValues<A> {
  return Object.keys(declared).every((name) => name in values);
}
