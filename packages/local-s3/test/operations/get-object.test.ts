import { describe, expect, test } from "@jest/globals";
import { byteRange } from "../../src/operations/get-object.js";

describe("byteRange", () => {
  const ranges: readonly (readonly [header: string | undefined, range: [number, number] | undefined])[] = [
    [undefined, undefined],
    ["bytes=0-0", [0, 1]],
    ["bytes=2-5", [2, 6]],
    ["bytes=2-", [2, 10]],
    ["bytes=2-99", [2, 10]],
    ["bytes=-3", [7, 10]],
    ["bytes=-99", [0, 10]],
    ["bytes=0-9999999999999999", [0, 10]],
    ["bytes=5-2", undefined],
    ["bytes=-", undefined],
    ["bytes=0-1,3-4", undefined],
    ["bytes=a-b", undefined],
    ["lines=0-1", undefined],
  ];
  for (const [header, range] of ranges) {
    test(`returns the range ${String(header)} of ten bytes`, () => {
      expect(byteRange(header, 10)).toEqual(
        range === undefined ? undefined : { start: range[0], end: range[1] },
      );
    });
  }

  test("rejects ranges outside the object", () => {
    for (const [header, size] of [
      ["bytes=10-", 10],
      ["bytes=-0", 10],
      ["bytes=0-", 0],
    ] as const) {
      expect(() => byteRange(header, size)).toThrow("The requested range is not satisfiable");
    }
  });
});
