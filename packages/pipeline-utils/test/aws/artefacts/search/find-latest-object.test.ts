import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import type { ObjectLister } from "../../../../src/aws/artefacts/lister.js";
import { findLatestObject } from "../../../../src/aws/artefacts/search/find-latest-object.js";
import { matchKey } from "../../../../src/aws/artefacts/search/search-target.js";
import type { SearchTarget } from "../../../../src/aws/artefacts/search/search-target.js";
import { parseTimestampedKey } from "@ml-pipelines/pipeline-utils/aws";
import { compareKeys } from "../../../../src/aws/timestamped-key.js";
import { regularKeys, uniformKeys, anyKeys, targets } from "../../../support/arbitrary-keys.js";
import { MemoryLister, sortedKeys } from "../../../support/memory-lister.js";

const target: SearchTarget = {
  folder: "datasets/",
  fileFormat: "csv",
  filenamePrefix: undefined,
  recursive: false,
};

/** The reference: look at every key. */
function latestByFullScan(keys: readonly string[], wanted: SearchTarget): string | undefined {
  let best: { key: string; time: number; rest: number } | undefined;
  for (const key of keys) {
    const parsed = matchKey(key, wanted);
    if (parsed === undefined) {
      continue;
    }
    const [time, rest] = [parsed.timestamp.getTime(), parsed.subMillisecond];
    const order = best === undefined ? 1 : time - best.time || rest - best.rest || compareKeys(key, best.key);
    if (order > 0) {
      best = { key, time, rest };
    }
  }
  return best?.key;
}

/** The answer from servers of both kinds, which must be the same. */
async function keyOfLatestOf(
  keys: readonly string[],
  pageSize: number,
  wanted: SearchTarget,
): Promise<string | undefined> {
  const sorted = sortedKeys(keys);
  const [lister, cephLike] = [new MemoryLister(sorted, pageSize), new MemoryLister(sorted, pageSize)];
  cephLike.skipsGroupOfStartAfter = true;
  const key = await keyOfLatest(lister, wanted);
  expect(await keyOfLatest(cephLike, wanted)).toBe(key);
  return key;
}

async function keyOfLatest(lister: ObjectLister, wanted = target): Promise<string | undefined> {
  return (await findLatestObject(lister, wanted))?.key;
}

/** Random folders of each property. */
const RUNS = Number(process.env.SEARCH_TEST_RUNS ?? 300);

/** The two kinds of keys that a skipped group can hide, as the README says. No other kind is left out of these tests. */
const hasSecondDate = (key: string, { filenamePrefix }: SearchTarget): boolean =>
  filenamePrefix === undefined &&
  /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d).*[T _]/.test(parseTimestampedKey(key)?.namePrefix ?? "");
const hasZoneBehind = (key: string): boolean => (parseTimestampedKey(key)?.offsetMinutes ?? 0) < 0;

/** Whether the keys of two days in a row fit on half a page for each name, so that the search looks for zones. */
function areDaysSparse(keys: readonly string[], pageSize: number): boolean {
  const days = new Map<string, number>();
  for (const key of new Set(keys)) {
    const [, name = "", date] = /^(.*)(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)/s.exec(key) ?? [];
    const day = Date.parse(`${date}T00:00:00Z`) / 86_400_000;
    for (const each of [day, day + 1]) {
      days.set(`${name}${each}`, (days.get(`${name}${each}`) ?? 0) + 1);
    }
  }
  return [...days.values()].every((count) => count <= pageSize / 2);
}

describe("the latest object", () => {
  test("equals that of a full scan in mixed folders of one page", async () => {
    await fc.assert(
      fc.asyncProperty(anyKeys, targets, async (given, wanted) => {
        const lister = MemoryLister.of(given);
        expect(await keyOfLatest(lister, wanted)).toBe(latestByFullScan(given, wanted));
        expect(lister.requests).toBe(1);
      }),
      { numRuns: RUNS },
    );
  });

  test("equals that of a full scan in mixed folders of four pages", async () => {
    // Except times without marks in full days, which a test below has.
    const isMarked = (key: string): boolean => !/\d{2}[T _]\d{4}/.test(key);
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyKeys, uniformKeys), targets, async (all, wanted) => {
        const given = all.filter(isMarked);
        const lister = MemoryLister.of(given, Math.max(2, Math.ceil(given.length / 4)));
        expect(await keyOfLatest(lister, wanted)).toBe(latestByFullScan(given, wanted));
        expect(lister.requests).toBeLessThanOrEqual(4);
      }),
      { numRuns: RUNS },
    );
  });

  test("equals that of a full scan in regular folders of many pages", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(regularKeys, { minLength: 1, maxLength: 4 }),
        targets,
        fc.constantFrom(4, 10, 40),
        async (parts, wanted, pageSize) => {
          const given = parts.flat();
          expect(await keyOfLatestOf(given, pageSize, wanted)).toBe(latestByFullScan(given, wanted));
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("equals that of a full scan in mixed folders of many pages, except for two kinds of keys", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.tuple(anyKeys, fc.array(regularKeys, { maxLength: 2 })),
          fc.tuple(uniformKeys, fc.constant([])),
        ),
        targets,
        fc.constantFrom(2, 3, 5, 10, 20),
        async ([mixed, regular], wanted, pageSize) => {
          const all = [...mixed, ...regular.flat()].filter((key) => !hasSecondDate(key, wanted));
          const given = areDaysSparse(all, pageSize) ? all : all.filter((key) => !hasZoneBehind(key));
          expect(await keyOfLatestOf(given, pageSize, wanted)).toBe(latestByFullScan(given, wanted));
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe("the search for a key in a skipped group", () => {
  const start = Date.parse("2011-07-03T23:05:32Z");
  const everyFiveMinutes = Array.from({ length: 20_000 }, (_, i) => {
    return `datasets/sales_${new Date(start + i * 300_000).toISOString().slice(0, 19)}.csv`;
  });
  const lastDay = everyFiveMinutes.at(-1)!.slice("datasets/sales_".length).slice(0, 10);

  test("finds a key by its zone when two days can be listed", async () => {
    const hidden = `datasets/sales_${lastDay}T00:00:00-23:30.csv`;
    const keys = [...everyFiveMinutes, hidden];
    for (const pageSize of [1000, 300]) {
      expect(await keyOfLatestOf(keys, pageSize, target)).toBe(hidden);
    }
    // As documented, it is not found if ten requests cannot list two days.
    expect(await keyOfLatestOf(keys, 50, target)).toBe(everyFiveMinutes.at(-1));
    const seen = "datasets/sales_2011-07-03T23:59:59-01:00.csv";
    expect(await keyOfLatestOf([...keys, seen], 50, target)).toBe(hidden);
  });

  test("finds a key by its zone when only files of another format are later", async () => {
    const others = [`datasets/sales_${lastDay}T23:59:59.json`, "datasets/sales_2011-09-12T00:00:00.json"];
    const hidden = "datasets/sales_2011-09-10T23:59:00-11:00.csv";
    const keys = everyFiveMinutes.filter((key) => key < "datasets/sales_2011-09-11T10:00:00");
    expect(await keyOfLatestOf([...keys, ...others, hidden], 1000, target)).toBe(hidden);
  });

  test("finds a key by its second date when another such key is listed, but not with filenamePrefix", async () => {
    const hidden = "datasets/sales_2011-07-30T00:00:00_2030-01-01.csv";
    const keys = [...everyFiveMinutes, hidden];
    const named = { ...target, filenamePrefix: "sales" };
    expect(await keyOfLatestOf(keys, 1000, named)).toBe(everyFiveMinutes.at(-1));
    const seen = "datasets/sales_2011-07-04_2012-01-01.csv";
    expect(await keyOfLatestOf([...keys, seen], 1000, target)).toBe(hidden);
    // As documented, it is not found alone among thousands, in a group that no other key leads to.
    expect(await keyOfLatestOf(keys, 1000, target)).toBe(everyFiveMinutes.at(-1));
  });

  test.each(["-", ".", ":", "|"])("finds a key by a time with %s among times without marks", async (mark) => {
    const from = Date.parse("2021-07-03T00:00:00Z");
    for (const seconds of [900, 20_000, 63_300]) {
      const times = Array.from({ length: seconds }, (_, i) =>
        new Date(from + i * 1000).toISOString().slice(0, 19).replaceAll(":", ""),
      );
      const [hour, minute] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60) + 1];
      const time = [hour, minute, 0].map((part) => String(part).padStart(2, "0")).join(mark);
      const hidden = `datasets/sales_2021-07-03T${time}.csv`;
      const keys = [...times.map((each) => `datasets/sales_${each}.csv`), hidden];
      for (const pageSize of [1000, 100]) {
        expect(await keyOfLatestOf(keys, pageSize, target)).toBe(hidden);
      }
    }
  });

  test("finds a key behind an impossible year, month or day", async () => {
    const names = [
      "sales_2012-x_",
      "sales_2011-08-x_",
      "sales_2011-08-32T_",
      "sales_2011-08-101T_",
      "sales_T_",
      "x_",
    ];
    for (const name of names) {
      const hidden = `datasets/${name}2030-01-01T00:00:00.csv`;
      expect(await keyOfLatestOf([...everyFiveMinutes, hidden], 1000, target)).toBe(hidden);
    }
  });
});

describe("the number of requests of a search", () => {
  const forms: Record<string, (iso: string) => string> = {
    "T and :": (iso) => iso,
    "T, : and Z": (iso) => `${iso}Z`,
    "T and |": (iso) => iso.replaceAll(":", "|"),
    "_ and -": (iso) => iso.slice(0, 10) + iso.slice(10).replace("T", "_").replaceAll(":", "-"),
    "space and .": (iso) => iso.replace("T", " ").replaceAll(":", "."),
    "T and nothing": (iso) => iso.replaceAll(":", ""),
    "_ and nothing": (iso) => iso.replace("T", "_").replaceAll(":", ""),
  };
  const writers = [
    { count: 1_000_000, seconds: 1, from: "2021-07-03T23:05:32Z" },
    { count: 1_051_776, seconds: 300, from: "2011-07-03T23:05:32Z" },
    { count: 1_000_000, seconds: 1, from: "2021-12-25T00:00:00Z" },
  ];
  const names = ["time_to_dispatch_", "time-to-dispatch_", ""];
  // 21 of the 63 cases have each pair of a form, a name and a writer.
  const cases = Object.keys(forms).flatMap((form, i) =>
    names.map((name, j) => ({ form, name, ...writers[(i + j) % writers.length]! })),
  );

  test("stays the same when the folder below grows", async () => {
    const keysIn = (folder: string, days: number): string[] =>
      Array.from({ length: days }, (_, i) => {
        const day = new Date(Date.UTC(1990, 0, 1 + i)).toISOString().slice(0, 10);
        return `datasets/${folder}sales_${day}T00:00:00.csv`;
      });
    const lister = MemoryLister.of([...keysIn("", 4500), ...keysIn("z/", 12_000)]);
    expect(await keyOfLatest(lister)).toBe(keysIn("", 4500).at(-1));
    expect(lister.requests).toBeLessThanOrEqual(8);
  });

  test.each(cases)(
    "stays within 10 for $count objects every $seconds s as $name with $form",
    async ({ form, name, count, seconds, from }) => {
      const keyAt = (i: number): string => {
        const iso = new Date(Date.parse(from) + i * seconds * 1000).toISOString().slice(0, 19);
        return `datasets/${name}${forms[form]!(iso)}.csv`;
      };
      const keys = { length: count, at: (i: number) => (i < count ? keyAt(i) : undefined) };
      const lister = new MemoryLister(keys);
      lister.skipsGroupOfStartAfter = true;
      for (const filenamePrefix of [undefined, name.slice(0, -1)]) {
        lister.requests = 0;
        expect(await keyOfLatest(lister, { ...target, filenamePrefix })).toBe(keyAt(count - 1));
        expect(lister.requests).toBeLessThanOrEqual(10);
      }
    },
  );
});
