import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ALIAS_RULE } from "../../aws/registry/alias-name.js";

/** One argument of a program. `bucketArgument`, `numberOption`, `flagOption` and their siblings make them. */
export interface Argument<T> {
  /** A flag is an option without a value. */
  readonly kind: "positional" | "option" | "flag";
  /** Name in `--help`: of a positional (`S3_BUCKET`), or of an option's value (`SECONDS`). */
  readonly placeholder: string;
  /** Text for `--help`, without a full stop. */
  readonly description: string;
  /** The environment variable that is read if the command line does not give the argument. */
  readonly variable: string | undefined;
  /** The rule for values, for messages: `a number in (0, 1]`. */
  readonly expected: string;
  /**
   * The value if neither the command line nor the variable gives one. undefined means that the argument is required.
   */
  readonly fallback: { readonly value: T } | undefined;
  /** Whether the option may be given several times. Its texts are then joined by line ends for `read`. */
  readonly isRepeated?: boolean;
  /** Whether the value is a time limit in seconds, after which the program stops itself. */
  readonly isDeadline?: boolean;
  /** Whether the value is the URL to which the program posts its failure. It is a secret: no message shows it. */
  readonly isFailureHook?: boolean;
  /** Parse a value. undefined means that the text is invalid. */
  read(text: string): { readonly value: T } | undefined;
}

/**
 * The arguments of a program: positionals first, in order, then options. The property gives an option's name:
 * `maxSeconds` is `--max-seconds`.
 */
export type Arguments = Readonly<Record<string, Argument<unknown>>>;

/** The values of a program's arguments, by the same names. */
export type ArgumentValues<A extends Arguments> = {
  readonly [Name in keyof A]: NonNullable<A[Name]> extends Argument<infer T> ? T : never;
};

/** Properties of every argument. */
export interface ArgumentText {
  /** Text for `--help`, without a full stop. */
  readonly description: string;
  /** Environment variable to read if the command line does not give the argument. Default: none. */
  readonly variable?: string;
}

/** Properties of every positional. */
export interface PositionalSpec extends ArgumentText {
  /** Name in `--help`: `S3_BUCKET`. */
  readonly name: string;
}

/** Properties of every option. */
export interface OptionSpec<T> extends ArgumentText {
  /** Name of the value in `--help`: `SECONDS`. */
  readonly placeholder: string;
  /** Default: undefined. */
  readonly default?: T;
}

/** Bounds of a number. */
export interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  /** The value must be greater than this; excludes `minimum`. */
  readonly above?: number;
}

/** Which texts are accepted. */
export interface TextRule {
  /** The rule for values, for messages: `an address to listen on`. */
  readonly expected: string;
  /** Default: any non-empty text. */
  readonly pattern?: RegExp;
}

/** The properties that the functions of this file take, apart from the name of a positional. */
const ARGUMENT_SPEC: OptionKinds<Required<OptionSpec<unknown> & Bounds & TextRule & { choices: unknown }>> = {
  description: "text",
  variable: "text",
  placeholder: "text",
  default: "other",
  minimum: "number",
  maximum: "number",
  above: "number",
  expected: "text",
  pattern: "other",
  choices: "texts",
};

/** The longest time that a timer of Node can wait: 2^31 - 1 ms. */
const MAX_TIMER_SECONDS = 2_147_483;

const BUCKET: TextRule = {
  expected: "a name of 3 to 63 letters, digits, dots and hyphens, without s3://",
  // Buckets created before 2018 may have capitals and underscores.
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/,
};

/**
 * The bucket of the program: positional `S3_BUCKET`, or the environment variable of that name.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function bucketArgument(): Argument<string> {
  const name = "S3_BUCKET";
  return textArgument({ name, variable: name, description: "name of the bucket, without s3://", ...BUCKET });
}

/** A required text argument. */
export function textArgument({ name, ...spec }: PositionalSpec & TextRule): Argument<string> {
  return { ...common("positional", name, spec), ...textReader(spec), fallback: undefined };
}

/** A required number argument. */
export function numberArgument({ name, ...spec }: PositionalSpec & Bounds): Argument<number> {
  return { ...common("positional", name, spec), ...numberReader(spec), fallback: undefined };
}

/** A text option; undefined if it is not given and has no default. */
export function textOption(
  spec: OptionSpec<string> & TextRule & { readonly default: string },
): Argument<string>;
export function textOption(spec: OptionSpec<string> & TextRule): Argument<string | undefined>;
export function textOption(spec: OptionSpec<string> & TextRule): Argument<string | undefined> {
  const fallback = { value: spec.default };
  return { ...common("option", spec.placeholder, spec), ...textReader(spec), fallback };
}

/** An option that takes the name of an alias of the registry, such as `production`; undefined if it is not given. */
export function aliasOption(spec: ArgumentText): Argument<string | undefined> {
  return textOption({ placeholder: "ALIAS", ...spec, ...ALIAS_RULE });
}

/** A text option that may be given several times; no texts if it is not given. */
export function textsOption(
  spec: Omit<OptionSpec<string>, "default"> & TextRule,
): Argument<readonly string[]> {
  const { expected, pattern = /./s } = spec;
  return {
    ...common("option", spec.placeholder, spec),
    expected,
    isRepeated: true,
    fallback: { value: [] },
    read(text) {
      const texts = text.split("\n");
      return present(texts.every((each) => pattern.test(each)) ? texts : undefined);
    },
  };
}

/** An option that takes a decimal number; undefined if it is not given and has no default. */
export function numberOption(
  spec: OptionSpec<number> & Bounds & { readonly default: number },
): Argument<number>;
export function numberOption(spec: OptionSpec<number> & Bounds): Argument<number | undefined>;
export function numberOption(spec: OptionSpec<number> & Bounds): Argument<number | undefined> {
  const fallback = { value: spec.default };
  return { ...common("option", spec.placeholder, spec), ...numberReader(spec), fallback };
}

/** An option that takes a whole number, written in digits only; undefined if it is not given and has no default. */
export function integerOption(
  spec: OptionSpec<number> & Bounds & { readonly default: number },
): Argument<number>;
export function integerOption(spec: OptionSpec<number> & Bounds): Argument<number | undefined>;
export function integerOption(spec: OptionSpec<number> & Bounds): Argument<number | undefined> {
  const fallback = { value: spec.default };
  return { ...common("option", spec.placeholder, spec), ...numberReader(spec, "whole number"), fallback };
}

/** An option that takes one of several texts, such as `on` and `off`. A default is required. */
export function choiceOption<const T extends string>(
  spec: ArgumentText & { readonly choices: readonly T[]; readonly default: NoInfer<T> },
): Argument<T> {
  const { choices } = spec;
  return {
    ...common("option", choices.join("|"), spec),
    expected: choices.join(" or "),
    fallback: { value: spec.default },
    read: (text) => present(choices.find((choice) => choice === text)),
  };
}

const FLAG_VALUES = new Map([
  ["true", true],
  ["on", true],
  ["false", false],
  ["off", false],
]);

/** A flag: true if it is given, or if its variable is `true` or `on`; else false. */
export function flagOption(spec: ArgumentText): Argument<boolean> {
  return {
    ...common("flag", "", spec),
    expected: "true or false, on or off",
    fallback: { value: false },
    read: (text) => present(FLAG_VALUES.get(text)),
  };
}

/** A time limit in seconds. After it, the program aborts the signal that `run` receives. */
export function deadlineOption(
  spec: Partial<ArgumentText> & { readonly placeholder?: string } = {},
): Argument<number | undefined> {
  const option = numberOption({
    placeholder: "SECONDS",
    description:
      "give up, with nothing written, when the stage has taken longer than this (default: no limit)",
    ...spec,
    above: 0,
    maximum: MAX_TIMER_SECONDS,
  });
  return { ...option, isDeadline: true };
}

/**
 * The option `--on-failure URL`, or the variable `ON_FAILURE_URL`. If the program fails, it posts one line of JSON there:
 * `{"stage", "exitCode", "message", "dataset"}`. Nothing of the URL is logged.
 */
export function failureHookOption(): Argument<URL | undefined> {
  return {
    ...common("option", "URL", {
      description: "post a failure there as one line of JSON, for at most 10 s",
      variable: "ON_FAILURE_URL",
    }),
    expected: "an http or https URL",
    isFailureHook: true,
    fallback: { value: undefined },
    read: (text) => present(/^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined),
  };
}

function common(kind: Argument<unknown>["kind"], placeholder: string, spec: ArgumentText) {
  checkOptions(spec, ARGUMENT_SPEC);
  const { description, variable } = spec;
  return { kind, placeholder, description, variable };
}

function textReader({ expected, pattern = /./s }: TextRule): Pick<Argument<string>, "expected" | "read"> {
  return { expected, read: (text) => present(pattern.test(text) ? text : undefined) };
}

function numberReader(
  bounds: Bounds,
  noun: "number" | "whole number" = "number",
): Pick<Argument<number>, "expected" | "read"> {
  const { minimum = -Infinity, maximum = Infinity, above = -Infinity } = bounds;
  const form = noun === "number" ? /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i : /^-?\d{1,15}$/;
  return {
    expected: `a ${noun}${describeBounds(bounds)}`,
    read(text) {
      const value = form.test(text) ? Number(text) : NaN;
      const isWithin = value >= minimum && value <= maximum && value > above && Number.isFinite(value);
      return present(isWithin ? value : undefined);
    },
  };
}

function describeBounds({ minimum, maximum, above }: Bounds): string {
  if (above !== undefined) {
    return maximum === undefined ? ` above ${above}` : ` in (${above}, ${maximum}]`;
  }
  if (minimum !== undefined) {
    return maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
  }
  return maximum === undefined ? "" : ` of at most ${maximum}`;
}

function present<T>(value: T | undefined): { readonly value: T } | undefined {
  return value === undefined ? undefined : { value };
}
