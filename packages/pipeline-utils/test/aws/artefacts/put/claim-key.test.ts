import { expect, test } from "@jest/globals";

import { claimKey } from "../../../../src/aws/artefacts/put/claim.js";

test("names a claim by its key", () => {
  expect(claimKey("datasets/sales_2021-07-03.csv")).toBe("datasets/sales_2021-07-03.csv.claim");
  expect(claimKey("k".repeat(1018))).toBe(`${"k".repeat(1018)}.claim`);
});

test.each([
  ["k".repeat(1019), "l"],
  ["ü".repeat(510), "lö"],
  ["𝒳".repeat(255), "lö"],
])("names a claim by the sha256 of its key when that is too long: case %#", (start, end) => {
  const [key, other] = [start + "m".repeat(Buffer.byteLength(end)), start + end];
  expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
  const claim = claimKey(key);
  expect(Buffer.byteLength(claim)).toBeLessThanOrEqual(1024);
  expect(claim).toMatch(/^[kü𝒳]+\.[0-9a-f]{64}\.claim$/u);
  expect(claimKey(other)).not.toBe(claim);
});
