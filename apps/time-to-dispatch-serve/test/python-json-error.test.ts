import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { pythonJsonError } from "../src/validation/python-json-error.js";
import { readRecordings } from "./support/fastapi-bodies.js";

const { single, batch } = readRecordings();
const recorded = [...Object.entries(single), ...Object.entries(batch)];
const broken = recorded.filter(([, { body }]) => JSON.stringify(body).includes("value_error.jsondecode"));

describe("the fault of a text that is no JSON", () => {
  test("there are recordings to compare with", () => {
    expect(broken.length).toBeGreaterThan(25);
  });

  test.each(broken)("is told as Python tells it: %s", (_name, { request, body }) => {
    expect({ detail: [pythonJsonError(request)] }).toEqual(body);
  });

  test("is found at any depth", () => {
    const depth = 200_000;
    expect(pythonJsonError("[".repeat(depth))).toMatchObject({ loc: ["body", depth] });
  });

  test("is found in a long text in one pass", () => {
    const text = `{"a": "${"x\\n".repeat(300_000)}`;
    expect(pythonJsonError(text).msg).toBe("Unterminated string starting at: line 1 column 7 (char 6)");
  });

  test("is Python's NaN too, which JSON does not have", () => {
    expect(pythonJsonError('{"orders_placed": NaN}').msg).toBe("Expecting value: line 1 column 19 (char 18)");
  });

  test("is never beyond the text", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (json, at, noise) => {
        const text = json.slice(0, at % (json.length + 1)) + noise;
        const { ctx } = pythonJsonError(text);
        expect(ctx?.pos).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
