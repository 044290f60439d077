#!/usr/bin/env node
// Checks the subject of each commit: imperative, at most 72 characters. Commits of before the rule stay as they are.
// usage: node scripts/check-commits.mjs [RANGE]
import { execFileSync } from "node:child_process";
import { root } from "./run.mjs";

/** The last commit of before the rule. */
const LAST_UNCHECKED = "520724c24635bff10cf9d144a5f409fccda43bb6";
/** git's own tools cut longer subjects. https://git-scm.com/docs/SubmittingPatches */
const MAX_SUBJECT_CHARACTERS = 72;
/** Forms of a verb that are not imperative; words that only look so are excepted. */
const NOT_IMPERATIVE = /^(?!(?:Embed|Feed|Need|Seed|Shed|Speed|Bring|Ring|String)\b)\w+(?:ed|ing)\b/;

/**
 * @param {string} subject
 * @returns {string | undefined} The fault, if there is one.
 */
export function faultOf(subject) {
  const { length } = Array.from(subject);
  if (length > MAX_SUBJECT_CHARACTERS) {
    return `${length} characters, expected at most ${MAX_SUBJECT_CHARACTERS}`;
  }
  if (!/^[A-Z]/.test(subject)) {
    return "it does not begin with a capital letter";
  }
  if (subject.endsWith(".")) {
    return "it ends with a full stop";
  }
  return NOT_IMPERATIVE.test(subject) ? "its verb is not imperative" : undefined;
}

/** @param {string[]} args */
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

function main() {
  const range = process.argv[2] ?? `${LAST_UNCHECKED}..HEAD`;
  const subjects = git("log", "--format=%h %s", range).split("\n").filter(Boolean);
  for (const line of subjects) {
    const [commit = "", ...words] = line.split(" ");
    const fault = faultOf(words.join(" "));
    if (fault !== undefined) {
      console.error(`${commit}: ${fault}: ${words.join(" ")}`);
      process.exitCode = 1;
    }
  }
  console.log(`${subjects.length} commit subjects checked`);
}

if (process.argv[1] === import.meta.filename) {
  main();
}
