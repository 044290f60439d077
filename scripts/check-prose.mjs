#!/usr/bin/env node
// Checks the English of comments: the length of sentences, and words that stand in for a noun.
// usage: node scripts/check-prose.mjs [FOLDER...]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { root } from "./run.mjs";

const MAX_WORDS_PER_SENTENCE = 35;
const MAX_MEAN_WORDS = 17;
/** Fewer words are a label, such as a unit or a default. */
const MIN_WORDS_PER_SENTENCE = 3;
/** A sentence that begins with one of these hides its noun. */
const STAND_IN = /^(?:What|That|Of|So)\b/;

/**
 * The comments of a source file. Neighbouring `//` lines are one comment.
 *
 * @param {string} source
 * @returns {{ line: number; text: string }[]} Lines from 1.
 */
export function commentsOf(source) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, source);
  /** @type {{ line: number; last: number; text: string }[]} */
  const comments = [];
  const file = ts.createSourceFile("comments.ts", source, ts.ScriptTarget.Latest);
  /** @type {ts.SyntaxKind[]} Braces of templates: `}` ends an expression of one, or a block. */
  const braces = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    token = rescan(scanner, token, braces);
    const isLine = token === ts.SyntaxKind.SingleLineCommentTrivia;
    if (!isLine && token !== ts.SyntaxKind.MultiLineCommentTrivia) {
      continue;
    }
    const { line } = file.getLineAndCharacterOfPosition(scanner.getTokenStart());
    const text = scanner.getTokenText();
    const before = comments.at(-1);
    if (isLine && before?.last === line - 1 && before.text.startsWith("//")) {
      before.text += `\n${text}`;
      before.last = line;
    } else {
      comments.push({ line: line + 1, last: line, text });
    }
  }
  return comments;
}

/**
 * Scan again the tokens whose meaning depends on their place: templates and regular expressions.
 *
 * @param {ts.Scanner} scanner
 * @param {ts.SyntaxKind} token
 * @param {ts.SyntaxKind[]} braces
 */
function rescan(scanner, token, braces) {
  switch (token) {
    case ts.SyntaxKind.TemplateHead:
    case ts.SyntaxKind.OpenBraceToken:
      braces.push(token);
      return token;
    case ts.SyntaxKind.SlashToken:
    case ts.SyntaxKind.SlashEqualsToken:
      return scanner.reScanSlashToken();
    case ts.SyntaxKind.CloseBraceToken:
      if (braces.at(-1) === ts.SyntaxKind.TemplateHead) {
        const next = scanner.reScanTemplateToken(false);
        if (next === ts.SyntaxKind.TemplateTail) {
          braces.pop();
        }
        return next;
      }
      braces.pop();
      return token;
    default:
      return token;
  }
}

/**
 * The sentences of a comment. Examples, addresses and code in fences are left out.
 *
 * @param {string} comment
 * @returns {string[]}
 */
export function sentencesOf(comment) {
  return (
    comment
      .replace(/^\/\*\*?|\*\/$/g, "")
      .replace(/^[ \t]*(?:\/\/|\*)/gm, "")
      // Lines that show a command.
      .replace(/^\s*(?:usage:|npm run|\[--).*$/gm, "\n\n")
      .replace(/@example[\s\S]*$/, "")
      .replace(/```[\s\S]*?```/g, "")
      // Tags, with the type and the name that JavaScript gives them.
      .replace(/@(?:param|property|throws|typedef|type)(?: \{.*?\})?(?= )(?: \S+ -)?/g, "\n\n")
      .replace(/@(?:returns|defaultValue|internal|see.*)/g, "\n\n")
      .split(/\n\s*\n|\n\s*[-*] |\n\s*\d+\. /)
      .flatMap((paragraph) =>
        paragraph
          .replace(/\s+/g, " ")
          .trim()
          .split(/(?<=[.!?])\s+(?=[A-Z`])/),
      )
      .filter(
        (sentence) =>
          countWords(sentence) >= MIN_WORDS_PER_SENTENCE && !/^(?:eslint|@ts|c8|global)\b/.test(sentence),
      )
  );
}

/** @param {string} sentence */
const countWords = (sentence) => sentence.split(" ").filter((word) => /\w/.test(word)).length;

/**
 * @param {string} sentence
 * @returns {string | undefined} The fault, if there is one.
 */
export function faultOf(sentence) {
  const words = countWords(sentence);
  if (words > MAX_WORDS_PER_SENTENCE) {
    return `${words} words, expected at most ${MAX_WORDS_PER_SENTENCE}`;
  }
  const [standIn] = STAND_IN.exec(sentence) ?? [];
  return standIn === undefined ? undefined : `it begins with "${standIn}", expected a noun`;
}

function main() {
  const given = process.argv.slice(2);
  const folders = given.length > 0 ? given : ["packages", "apps", "examples", "scripts", "deploy"];
  const patterns = folders
    .flatMap((folder) => [`${folder}/**/*.ts`, `${folder}/**/*.mjs`])
    .map((pattern) => `:(glob)${pattern}`);
  const files = execFileSync("git", ["ls-files", ...patterns], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && existsSync(path.join(root, file)));
  let sentences = 0;
  let words = 0;
  for (const file of files) {
    for (const { line, text } of commentsOf(readFileSync(path.join(root, file), "utf8"))) {
      for (const sentence of sentencesOf(text)) {
        sentences += 1;
        words += countWords(sentence);
        const fault = faultOf(sentence);
        if (fault !== undefined) {
          console.error(`${file}:${line}: ${fault}: ${sentence}`);
          process.exitCode = 1;
        }
      }
    }
  }
  const mean = words / Math.max(sentences, 1);
  console.log(`${files.length} files, ${sentences} sentences of ${mean.toFixed(1)} words on average`);
  if (mean > MAX_MEAN_WORDS) {
    console.error(`expected at most ${MAX_MEAN_WORDS} words on average`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === import.meta.filename) {
  main();
}
