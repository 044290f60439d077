import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { WalkQuery } from "../../src/store/listing.js";
import { walk } from "../../src/store/listing.js";
import { compareUtf8, SortedMap } from "../../src/store/sorted-map.js";

/** The listing that S3 documents, by a search of every key. */
function plainWalk(visible: readonly string[], { prefix, delimiter, after }: WalkQuery): string[] {
  const entries = new Set<string>();
  for (const key of [...visible].sort(compareUtf8)) {
    const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = at < 0 ? key : key.slice(0, at + delimiter.length);
    const isBehind =
      at < 0 ? compareUtf8(key, after) > 0 : compareUtf8(entry, after) > 0 && !after.startsWith(entry);
    if (key.startsWith(prefix) && (after === "" || isBehind)) {
      entries.add(entry);
    }
  }
  return [...entries];
}

const text = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "-", "/", "😀", "\uffee"), maxLength });

describe("walk", () => {
  test("returns the same entries as a search of every key", () => {
    const query = fc.record({ prefix: text(2), delimiter: text(2), after: text(4) });
    const keys = fc.uniqueArray(fc.record({ key: text(5), shown: fc.boolean() }), {
      selector: ({ key }) => key,
      maxLength: 60,
    });
    fc.assert(
      fc.property(keys, query, (all, asked) => {
        const map = new SortedMap<boolean>();
        for (const { key, shown } of all) {
          map.set(key, shown);
        }
        const shown = all.filter((entry) => entry.shown).map(({ key }) => key);
        const walked = [...walk(map, asked, (visible) => visible)];
        expect(walked.map((entry) => (entry.kind === "key" ? entry.key : entry.prefix))).toEqual(
          plainWalk(shown, asked),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("skips the keys of a common prefix without a look at each", () => {
    const map = new SortedMap<number>();
    for (let i = 0; i < 20_000; i++) {
      map.set(`${i % 2 === 0 ? "a" : "b"}/${i}`, i);
    }
    let looked = 0;
    const entries = [
      ...walk(map, { prefix: "", delimiter: "/", after: "" }, () => {
        looked++;
        return true;
      }),
    ];
    expect(entries).toEqual([
      { kind: "prefix", prefix: "a/" },
      { kind: "prefix", prefix: "b/" },
    ]);
    expect(looked).toBe(2);
  });
});
