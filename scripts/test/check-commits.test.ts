import { expect, test } from "@jest/globals";
import { faultOf } from "../check-commits.mjs";

test.each([
  ["Share the exact powers of ten between parser and writer", undefined],
  ["Embed the licence of every package", undefined],
  [`Add ${"x".repeat(68)}`, undefined],
  [`Add ${"x".repeat(69)}`, "73 characters, expected at most 72"],
  ["Added a parser", "its verb is not imperative"],
  ["Adding a parser", "its verb is not imperative"],
  ["add a parser", "it does not begin with a capital letter"],
  ["Add a parser.", "it ends with a full stop"],
])("finds in the subject %j the fault %j", (subject, fault) => {
  expect(faultOf(subject)).toBe(fault);
});
