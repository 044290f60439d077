import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";

import type { Argument, Arguments } from "./argument.js";
import { optionName } from "./parse-arguments.js";

/** Input of {@link renderHelp}. */
export interface HelpText {
  readonly name: string;
  readonly description: string;
  readonly arguments: Arguments;
  /** Whether the program writes a log. Default: true. */
  readonly isLogged?: boolean;
  /** A whole command line. Default: none. */
  readonly example?: string;
  /** Exit codes besides those of every program: `3 the models differ`. Default: none. */
  readonly exitCodes?: string;
  /** Further variables that the program reads, with their meanings. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Variables that every program reads, through the AWS SDK. */
const COMMON_VARIABLES = {
  "AWS_REGION, AWS_DEFAULT_REGION": "region of the bucket",
  AWS_ENDPOINT_URL_S3: "a server other than AWS, addressed by path",
  "AWS_ACCESS_KEY_ID, …": "credentials of every kind that the AWS SDK reads",
};

/** Variables that every program with a log reads. */
const LOG_VARIABLES = {
  LOG_LEVEL: "DEBUG, INFO, WARNING or ERROR (default INFO)",
  LOG_FORMAT: "text or json (default text)",
};

const EXIT_CODES =
  "0 done; 1 failed, a retry may help; 2 a retry fails again: arguments, access, data, checks";

/** Git's own short form has 7 to 12. */
const COMMIT_DIGITS = 12;

/** How to call the program, without its name: `S3_BUCKET [--port PORT]`. */
export function renderUsage(declared: Arguments): string {
  const words = Object.entries(declared).map(([name, argument]) => {
    const word = renderName(name, argument);
    return argument.fallback === undefined ? word : `[${word}]`;
  });
  return words.join(" ");
}

/** The text of `--help`. */
export function renderHelp(text: HelpText): string {
  const { name, description, arguments: declared, isLogged = true, example, exitCodes } = text;
  const rows = Object.entries(declared).map(([key, argument]): [string, string] => [
    renderName(key, argument),
    `${argument.description}${renderSource(argument)}`,
  ]);
  rows.push(["--help", "print this and exit"], ["--version", "print the version and exit"]);
  const logs = isLogged ? LOG_VARIABLES : {};
  const variables = Object.entries({ ...text.environment, ...COMMON_VARIABLES, ...logs });
  return [
    `usage: ${name} ${renderUsage(declared)}`,
    description.trim(),
    alignRows(rows),
    `environment:\n${alignRows(variables)}`,
    `exit codes: ${[EXIT_CODES, ...(exitCodes === undefined ? [] : [exitCodes])].join("; ")}`,
    ...(example === undefined ? [] : [`example:\n  ${example}`]),
  ].join("\n\n");
}

/** `S3_BUCKET`, `--port PORT`, `--allow-future`. */
function renderName(name: string, { kind, placeholder }: Argument<unknown>): string {
  if (kind === "positional") {
    return placeholder;
  }
  return [`--${optionName(name)}`, placeholder].filter((word) => word !== "").join(" ");
}

/** The other sources of a value: ` (default 8000; variable PORT)`. */
function renderSource({ kind, fallback, variable }: Argument<unknown>): string {
  const value = kind === "option" ? fallback?.value : undefined;
  const sources = [
    ...(typeof value === "string" || typeof value === "number" ? [`default ${value}`] : []),
    ...(variable === undefined ? [] : [`variable ${variable}`]),
  ];
  return sources.length === 0 ? "" : ` (${sources.join("; ")})`;
}

function alignRows(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

/**
 * The version in the nearest package.json above a program's file, with the commit of the environment's
 * `GIT_COMMIT_HASH`, which images set: `1.2.3+ed3113197adc`.
 *
 * @param program - Path of the file; links are resolved, as a package's command is a link to it.
 * @returns `unknown` if no package.json above it has a version.
 */
export function readVersion(program: string): string {
  for (let folder = path.dirname(resolveLinks(program)); ; folder = path.dirname(folder)) {
    const version = versionIn(path.join(folder, "package.json"));
    if (version !== undefined) {
      return `${version}${commitSuffix()}`;
    }
    if (folder === path.dirname(folder)) {
      return "unknown";
    }
  }
}

/** Build metadata of semantic versions: https://semver.org/#spec-item-10 */
function commitSuffix(): string {
  const commit = /^[\da-f]{7,40}$/.exec(process.env.GIT_COMMIT_HASH ?? "")?.[0];
  return commit === undefined ? "" : `+${commit.slice(0, COMMIT_DIGITS)}`;
}

/** Node runs a file whose extension is left out, too: then there is no such file. */
function resolveLinks(program: string): string {
  try {
    return realpathSync(program);
  } catch {
    return path.resolve(program);
  }
}

function versionIn(file: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
    return hasVersion && typeof manifest.version === "string" ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}
