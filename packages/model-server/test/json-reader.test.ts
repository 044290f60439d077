import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { JsonReader } from "../src/request-body/json-reader.js";

const NAMES = ["a", "b", "__proto__", "\u00e9\n"];
const WANTED: ReadonlySet<string> = new Set(NAMES);
const MAX_ITEMS = 10;

function read(text: string, characters = 1_000): unknown {
  const reader = new JsonReader(text, WANTED, MAX_ITEMS);
  while (!reader.read(characters)) {
    // The next piece.
  }
  return reader.value;
}

const NODES = fc.letrec((node) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(node("value"), { maxLength: MAX_ITEMS }),
    fc.array(fc.tuple(fc.constantFrom(...NAMES), node("value")), { maxLength: 4 }).map(Object.fromEntries),
  ),
}));

describe("JsonReader", () => {
  test("reads as JSON.parse does, in pieces of any length", () => {
    fc.assert(
      fc.property(
        NODES.value,
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom("", " ", "\t\r\n"),
        (value, n, space) => {
          const text = JSON.stringify(value, null, space);
          expect(read(text, n)).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  test("accepts a text if and only if JSON.parse does", () => {
    const isParsed = (parse: (text: string) => unknown, text: string): boolean => {
      try {
        parse(text);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
        return false;
      }
    };
    const piece = fc.constantFrom(
      ...[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        '"a"',
        "\\",
        "\\n",
        "\\u00e9",
        "1",
        "-",
        "0",
        ".5",
        "e9",
        "true",
        "null",
      ],
      ...[" ", "\n", "\v", "\u00a0", "\u0000", "nul", '"x":1'],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((pieces) => pieces.join("")),
          fc.json(),
        ),
        fc.nat(30),
        (text, cut) => {
          for (const candidate of [text, text.slice(0, cut)]) {
            expect([candidate, isParsed(read, candidate)]).toEqual([
              candidate,
              isParsed(JSON.parse, candidate),
            ]);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("leaves out properties with other names, and checks them", () => {
    expect(read('[{"c": {"a": [1]}, "a": 1}, {"c": 2}]')).toEqual([{ a: 1 }, {}]);
    expect(() => read('{"c": [1, 01]}')).toThrow('Unexpected token "1" in JSON at position 11');
    expect(() => read('{"c": "\\x"}')).toThrow(/^Unexpected token "\\\\" in JSON at position 7$/);
    expect(() => read('{"c": ')).toThrow("Unexpected end of JSON input");
  });

  test("keeps the length of an array, and not the objects beyond its limit", () => {
    const items = Array.from({ length: MAX_ITEMS + 2 }, () => ({ a: 1 }));
    expect(read(JSON.stringify(items))).toEqual([...items.slice(0, MAX_ITEMS), undefined, undefined]);
    const numbers = items.map((_item, index) => index);
    expect(read(JSON.stringify(numbers))).toEqual(numbers);
  });

  test("reads half a million levels of arrays", () => {
    expect(read("[".repeat(500_000) + "]".repeat(500_000))).toEqual([[[[[[[[undefined]]]]]]]]);
    expect(() => read("[".repeat(500_000))).toThrow("Unexpected end of JSON input");
  });
});
