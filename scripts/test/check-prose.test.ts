import { expect, test } from "@jest/globals";
import { commentsOf, faultOf, sentencesOf } from "../check-prose.mjs";

test("returns comments with their lines, neighbouring lines as one", () => {
  const source = [
    'const text = "// no comment";',
    "// One comment",
    "// of two lines.",
    "const template = `/* none */ ${text /* inside */} // none`;",
    "const pattern = /\\/\\*/;",
    "/** A docstring. */",
    "export {};",
  ].join("\n");
  expect(commentsOf(source).map(({ line, text }) => [line, text])).toEqual([
    [2, "// One comment\n// of two lines."],
    [4, "/* inside */"],
    [6, "/** A docstring. */"],
  ]);
});

test("returns sentences of docstrings without tags, examples and labels", () => {
  const comment = `/**
 * Get the latest dataset. It is read
 * once.
 *
 * @param bucket - Name of it, without a scheme.
 * @returns One table.
 * @example
 * \`\`\`ts
 * const none = 1;
 * \`\`\`
 */`;
  expect(sentencesOf(comment)).toEqual([
    "Get the latest dataset.",
    "It is read once.",
    "Name of it, without a scheme.",
  ]);
});

test("splits the tags of JavaScript, with their types, into sentences of their own", () => {
  const comment = `/**
 * @typedef {object} Options
 * @property {string} folder - Name of the folder.
 * @param {Record<string, string>} [threads] - Modules by their names.
 */`;
  expect(sentencesOf(comment)).toEqual(["Name of the folder.", "Modules by their names."]);
});

test.each([
  ["Each read fails if the object changed.", undefined],
  ["What is read is checked.", 'it begins with "What", expected a noun'],
  ["So a server is slow.", 'it begins with "So", expected a noun'],
  ["Whatever it is, it is short.", undefined],
  [`${"word ".repeat(35)}.`, undefined],
  [`${"word ".repeat(36)}.`, "36 words, expected at most 35"],
])("finds in the sentence %j the fault %j", (sentence, fault) => {
  expect(faultOf(sentence)).toBe(fault);
});
