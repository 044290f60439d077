import { expect, test } from "@jest/globals";
import fc from "fast-check";

import { canonicalJson } from "../../../src/aws/models/canonical-json.js";
import { parseJson } from "../../../src/aws/models/json-value.js";
import type { JsonValue } from "../../../src/aws/models/json-value.js";

test("canonical JSON says the same, in the same words for equal values", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value = parseJson(text);
      const canonical = canonicalJson(value);
      expect(parseJson(canonical)).toEqual(parseJson(JSON.stringify(value)));
      expect(canonicalJson(parseJson(canonical))).toBe(canonical);
    }),
  );
});

test("canonical JSON is that of RFC 8785", () => {
  const value: JsonValue = {
    peach: "ä\u20ac\n",
    b: [1e21, 0.002, -0, 1e-7, true, null, {}, []],
    "\u20ac": 1,
    "\r": 2,
    "1": 3,
  };
  expect(canonicalJson(value)).toBe(
    '{"\\r":2,"1":3,"b":[1e+21,0.002,0,1e-7,true,null,{},[]],"peach":"ä€\\n","€":1}',
  );
});

test("canonical JSON refuses what JSON cannot hold, by its path", () => {
  expect(() => canonicalJson({ a: [1, NaN] })).toThrow("$.a[1] is NaN, which JSON cannot hold");
  // @ts-expect-error a caller without types
  expect(() => canonicalJson({ a: undefined })).toThrow("$.a is a value of type undefined");
  // @ts-expect-error a caller without types
  expect(() => canonicalJson({ a: 1n })).toThrow("$.a is a value of type bigint");
});

test("canonical JSON takes any depth", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  expect(canonicalJson(parseJson(deep))).toBe(deep);
});
