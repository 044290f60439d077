import { runInNewContext } from "node:vm";

import { expect, test } from "@jest/globals";
import fc from "fast-check";

import { canonicalJson } from "../../../src/aws/models/canonical-json.js";
import { parseJson } from "../../../src/aws/models/json-value.js";
import type { JsonValue } from "@ml-pipelines/pipeline-utils/aws";

test("writes the same value, and equal values in the same bytes", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value = parseJson(text);
      const canonical = canonicalJson(value);
      expect(parseJson(canonical)).toEqual(parseJson(JSON.stringify(value)));
      expect(canonicalJson(parseJson(canonical))).toBe(canonical);
    }),
  );
});

test("writes the form of RFC 8785", () => {
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

test("rejects values that JSON cannot hold by their path", () => {
  expect(() => canonicalJson({ a: [1, NaN] })).toThrow("$.a[1] is NaN, which JSON cannot hold");
  // @ts-expect-error a caller without types
  expect(() => canonicalJson({ a: undefined })).toThrow("$.a is a value of type undefined");
  // @ts-expect-error a caller without types
  expect(() => canonicalJson({ a: 1n })).toThrow("$.a is a value of type bigint");
});

test("rejects a cycle by its path", () => {
  const c: Record<string, JsonValue> = {};
  c.c = c;
  expect(() => canonicalJson(c)).toThrow("$.c is $ again, a cycle, which JSON cannot hold");
  expect(() => canonicalJson({ c })).toThrow("$.c.c is $.c again, a cycle");
  const list: JsonValue[] = [];
  list.push([1, list]);
  expect(() => canonicalJson({ list })).toThrow("$.list[0][1] is $.list again");
  const shared = { a: [1] };
  expect(canonicalJson([shared, shared, shared.a])).toBe('[{"a":[1]},{"a":[1]},[1]]');
});

class Point {
  constructor(readonly x: number) {}
}
test.each<[object, string]>([
  [new Date(0), "an object of class Date"],
  [new Map([["a", 1]]), "an object of class Map"],
  [new Set([1]), "an object of class Set"],
  [Float64Array.of(1), "an object of class Float64Array"],
  [Buffer.from("x"), "an object of class Buffer"],
  [/x/, "an object of class RegExp"],
  [new Point(1), "an object of class Point"],
  [new (class extends Point {})(1), "an object of a class"],
])("rejects %p", (value, what) => {
  // @ts-expect-error a caller without types
  expect(() => canonicalJson({ a: [value] })).toThrow(`$.a[0] is ${what}, which JSON cannot hold`);
});

test("accepts plain objects of any origin, and calls no toJSON", () => {
  const bare = Object.assign(Object.create(null) as Record<string, JsonValue>, { a: 1 });
  expect(canonicalJson([bare, runInNewContext("({ a: 1 })") as JsonValue])).toBe('[{"a":1},{"a":1}]');
  // @ts-expect-error a caller without types
  expect(() => canonicalJson({ toJSON: () => 1 })).toThrow("$.toJSON is a value of type function");
});

test("writes values of any depth", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  expect(canonicalJson(parseJson(deep))).toBe(deep);
});
