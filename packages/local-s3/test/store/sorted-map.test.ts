import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareUtf8, SortedMap } from "../../src/store/sorted-map.js";

/** Text of a key: any code points, no single surrogates. */
const keyText = fc.string({ unit: "binary", maxLength: 6 });

describe("compareUtf8", () => {
  test("has the order of the UTF-8 bytes", () => {
    fc.assert(
      fc.property(keyText, keyText, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test("puts U+FFEE below an emoji, unlike UTF-16", () => {
    expect(compareUtf8("\uffee", "😀")).toBeLessThan(0);
    expect(["😀", "\uffee"].sort()).toEqual(["😀", "\uffee"]);
  });
});

describe("SortedMap", () => {
  test("returns the same entries as a plain map after any changes", () => {
    const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "😀", "\uffee"), maxLength: 4 });
    const change = fc.record({ key, remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), key, (changes, from) => {
        const map = new SortedMap<number>();
        const plain = new Map<string, number>();
        changes.forEach((step, i) => {
          if (step.remove) {
            map.delete(step.key);
            plain.delete(step.key);
          } else {
            map.set(step.key, i);
            plain.set(step.key, i);
          }
          expect(map.get(step.key)).toBe(plain.get(step.key));
        });
        const sorted = [...plain].sort(([a], [b]) => compareUtf8(a, b));
        expect([...map.entries()]).toEqual(sorted);
        expect(map.size).toBe(plain.size);
        expect([...map.entriesFrom((other) => compareUtf8(other, from) < 0)]).toEqual(
          sorted.filter(([other]) => compareUtf8(other, from) >= 0),
        );
      }),
    );
  });

  test("returns keys in order, however they were added", () => {
    const keys = Array.from({ length: 5000 }, (_, i) => `key/${String(i).padStart(6, "0")}`);
    const scattered = keys.map((_, i) => keys[(i * 1237) % keys.length]!);
    for (const order of [keys, [...keys].reverse(), scattered]) {
      const map = new SortedMap<string>();
      for (const key of order) {
        map.set(key, key);
      }
      expect([...map.entries()].map(([key]) => key)).toEqual(keys);
      for (const key of scattered) {
        map.delete(key);
      }
      expect([...map.entries()]).toEqual([]);
    }
  });
});
