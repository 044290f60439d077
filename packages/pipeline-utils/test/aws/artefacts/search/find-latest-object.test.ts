import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import type { ObjectLister } from "../../../../src/aws/artefacts/lister.js";
import { findLatestObject } from "../../../../src/aws/artefacts/search/find-latest-object.js";
import { matchKey } from "../../../../src/aws/artefacts/search/search-target.js";
import type { SearchTarget } from "../../../../src/aws/artefacts/search/search-target.js";
import { compareKeys } from "../../../../src/aws/timestamped-key.js";
import { MemoryLister } from "../../../support/memory-lister.js";

const target: SearchTarget = {
  folder: "datasets/",
  fileFormat: "csv",
  filenamePrefix: undefined,
  recursive: false,
};

/** The plain way: look at every key. */
function latestByFullScan(keys: readonly string[], wanted: SearchTarget): string | undefined {
  let best: { key: string; time: number; rest: number } | undefined;
  for (const key of keys) {
    const parsed = matchKey(key, wanted);
    if (parsed === undefined) continue;
    const [time, rest] = [parsed.timestamp.getTime(), parsed.subMillisecond];
    const order = best === undefined ? 1 : time - best.time || rest - best.rest || compareKeys(key, best.key);
    if (order > 0) best = { key, time, rest };
  }
  return best?.key;
}

/** The answer over servers of both kinds, which must be the same. */
async function keyOfLatestOf(
  keys: readonly string[],
  pageSize: number,
  wanted: SearchTarget,
): Promise<string | undefined> {
  const [lister, cephLike] = [MemoryLister.of(keys, pageSize), MemoryLister.of(keys, pageSize)];
  cephLike.skipsGroupOfStartAfter = true;
  const key = await keyOfLatest(lister, wanted);
  expect(await keyOfLatest(cephLike, wanted)).toBe(key);
  return key;
}

async function keyOfLatest(lister: ObjectLister, wanted = target): Promise<string | undefined> {
  return (await findLatestObject(lister, wanted))?.key;
}

const pad = (value: number, length = 2): string => String(value).padStart(length, "0");
const twoDigits = (max: number, min = 0): fc.Arbitrary<string> => fc.integer({ min, max }).map((n) => pad(n));

/** Timestamps in every form that is read, some of them no real dates. */
const timestamps = fc
  .record({
    year: fc.constantFrom("2019", "2020", "2021", "2021", "2021"),
    month: twoDigits(13, 1),
    day: twoDigits(31, 1),
    dateEnd: fc.constantFrom("T", "T", "_", " "),
    mark: fc.constantFrom(":", ":", "|", "-", ".", ""),
    time: fc.tuple(twoDigits(24), twoDigits(59), twoDigits(59)),
    parts: fc.constantFrom(0, 2, 3, 3, 3),
    fraction: fc.constantFrom("", "", "", ".5", ".558", ".558123", ".558124"),
  })
  .map(({ year, month, day, dateEnd, mark, time, parts, fraction }) => {
    const date = `${year}-${month}-${day}`;
    if (parts === 0) return date;
    return `${date}${dateEnd}${time.slice(0, parts).join(mark)}${parts === 3 ? fraction : ""}`;
  });
const zones = fc.constantFrom("", "", "", "", "", "Z", "Z", "+02:00", "-11:30", "+1400", "-05");
const names = fc.constantFrom(
  "sales_",
  "sales_eu_",
  "time-to-dispatch_",
  "",
  "v2-",
  "café_",
  "𝒳_",
  "2021-sales_",
  "a-b-c-",
);
const folders = fc.constantFrom("", "", "", "", "2099-01-01/", "archive/2022-02-02/", "sales_2021-07-03/");
const extensions = fc.constantFrom(".csv", ".csv", ".csv", ".csv", ".json", ".parquet", "", ".csv.gz");
const outside = fc.constantFrom("", "", "", "", "", "", "", "x");
const plainKeys = fc
  .record({
    outside,
    folder: folders,
    name: names,
    timestamp: timestamps,
    zone: zones,
    extension: extensions,
  })
  .map(
    (part) =>
      `datasets${part.outside}/${part.folder}${part.name}${part.timestamp}${part.zone}${part.extension}`,
  );
const oddKeys = fc.oneof(
  fc.constantFrom(
    "datasets/notes.csv",
    "datasets/",
    "datasets",
    "datasets/2021-.csv",
    "datasets/sales_2021-07-",
    "z.csv",
  ),
  fc.tuple(names, timestamps, timestamps).map(([name, a, b]) => `datasets/${name}${a}_${b}.csv`),
);
const regularKeys = fc
  .record({
    name: fc.constantFrom("sales_", "time-to-dispatch_"),
    first: fc.integer({ min: 1_500_000_000, max: 1_600_000_000 }),
    step: fc.constantFrom(1, 300, 86_400, 5_000),
    count: fc.integer({ min: 5, max: 120 }),
    form: fc.constantFrom(0, 1, 2, 3),
  })
  .map(({ name, first, step, count, form }) =>
    Array.from({ length: count }, (_, i) => {
      const iso = new Date((first + i * step) * 1000).toISOString().slice(0, 19);
      const forms = [iso, `${iso}Z`, iso.replaceAll(":", "|"), iso.replace("T", "_").replaceAll(":", "")];
      return `datasets/${name}${forms[form]!}.csv`;
    }),
  );

describe("the latest object", () => {
  const runs = Number(process.env.SEARCH_TEST_RUNS ?? 1000);
  const targets = fc.record({
    folder: fc.constantFrom("datasets/", "datasets/", ""),
    fileFormat: fc.constantFrom("csv" as const, "json" as const),
    filenamePrefix: fc.constantFrom(undefined, undefined, "sales", "time-to-dispatch", "2021-sales"),
    recursive: fc.constantFrom(false, false, false, true),
  });

  test("is that of a full scan in thousands of mixed folders of one page", async () => {
    const keys = fc.array(fc.oneof({ weight: 8, arbitrary: plainKeys }, { weight: 1, arbitrary: oddKeys }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(keys, targets, async (given, wanted) => {
        const lister = MemoryLister.of(given);
        expect(await keyOfLatest(lister, wanted)).toBe(latestByFullScan(given, wanted));
        expect(lister.requests).toBe(1);
      }),
      { numRuns: runs },
    );
  });

  test("is that of a full scan in thousands of regular folders of many pages", async () => {
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
      { numRuns: runs },
    );
  });

  test("is that of a full scan in thousands of mixed folders of many pages", async () => {
    const keys = fc.array(plainKeys, { maxLength: 80 });
    // What a skipped group hides is taken to be as what is seen: see the next tests.
    const isTold = (key: string): boolean =>
      !/[+-]\d{2}(:?\d{2})?\.\w+$/.test(key) && !key.includes("2021-sales_");
    await fc.assert(
      fc.asyncProperty(keys, targets, fc.constantFrom(3, 5, 10, 40), async (all, wanted, pageSize) => {
        const given = all.filter(isTold);
        expect(await keyOfLatestOf(given, pageSize, wanted)).toBe(latestByFullScan(given, wanted));
      }),
      { numRuns: runs },
    );
  });
});

describe("what a skipped group could hide", () => {
  const start = Date.parse("2011-07-03T23:05:32Z");
  const everyFiveMinutes = Array.from({ length: 20_000 }, (_, i) => {
    return `datasets/sales_${new Date(start + i * 300_000).toISOString().slice(0, 19)}.csv`;
  });
  const lastDay = everyFiveMinutes.at(-1)!.slice("datasets/sales_".length).slice(0, 10);

  test("is a zone, which is found where two days fit on a page", async () => {
    const hidden = `datasets/sales_${lastDay}T00:00:00-23:30.csv`;
    const keys = [...everyFiveMinutes, hidden];
    expect(await keyOfLatestOf(keys, 1000, target)).toBe(hidden);
  });

  test("is a second date, which cannot be under a filenamePrefix, and is found where one is seen", async () => {
    const hidden = "datasets/sales_2011-07-10T00:00:00_2030-01-01.csv";
    const keys = [...everyFiveMinutes, hidden];
    const named = { ...target, filenamePrefix: "sales" };
    expect(await keyOfLatestOf(keys, 1000, named)).toBe(everyFiveMinutes.at(-1));
    const seen = "datasets/sales_2011-07-04_2012-01-01.csv";
    expect(await keyOfLatestOf([...keys, seen], 1000, target)).toBe(hidden);
    // As documented: alone among thousands, in a group that nothing leads into, it is not.
    expect(await keyOfLatestOf(keys, 500, target)).toBe(everyFiveMinutes.at(-1));
  });

  test("is nothing at all under a filenamePrefix, whatever the other names are", async () => {
    const keys = fc.array(fc.oneof({ weight: 4, arbitrary: plainKeys }, { weight: 1, arbitrary: oddKeys }), {
      maxLength: 80,
    });
    const isWithoutZone = (key: string): boolean => !/[+-]\d{2}(:?\d{2})?\.\w+$/.test(key);
    await fc.assert(
      fc.asyncProperty(keys, fc.constantFrom(3, 10, 40), async (all, pageSize) => {
        const given = all.filter(isWithoutZone);
        for (const filenamePrefix of ["sales", "time-to-dispatch"]) {
          const wanted = { ...target, filenamePrefix };
          expect(await keyOfLatestOf(given, pageSize, wanted)).toBe(latestByFullScan(given, wanted));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the number of requests", () => {
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
  const cases = Object.keys(forms).flatMap((form) =>
    ["time_to_dispatch_", "time-to-dispatch_", ""].flatMap((name) =>
      writers.map((writer) => ({ form, name, ...writer })),
    ),
  );

  test.each(cases)(
    "is at most 10 for $count objects every $seconds s as $name with $form",
    async ({ form, name, count, seconds, from }) => {
      const keyAt = (i: number): string => {
        const iso = new Date(Date.parse(from) + i * seconds * 1000).toISOString().slice(0, 19);
        return `datasets/${name}${forms[form]!(iso)}.csv`;
      };
      const keys = { length: count, at: (i: number) => (i < count ? keyAt(i) : undefined) };
      const lister = new MemoryLister(keys);
      lister.skipsGroupOfStartAfter = true;
      expect(await keyOfLatest(lister)).toBe(keyAt(count - 1));
      expect(lister.requests).toBeLessThanOrEqual(10);
    },
  );
});
