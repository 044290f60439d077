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
  const runs = Number(process.env.SEARCH_TEST_RUNS ?? 2000);
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
          expect(await keyOfLatest(MemoryLister.of(given, pageSize), wanted)).toBe(
            latestByFullScan(given, wanted),
          );
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
        expect(await keyOfLatest(MemoryLister.of(given, pageSize), wanted)).toBe(
          latestByFullScan(given, wanted),
        );
      }),
      { numRuns: runs },
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

  // All of them with SEARCH_TEST_ALL; a sample otherwise, since each makes a million keys.
  const chosen = process.env.SEARCH_TEST_ALL === undefined ? cases.filter((_, i) => i % 16 === 0) : cases;

  test.each(chosen)(
    "is at most 10 for $count objects every $seconds s as $name with $form",
    async ({ form, name, count, seconds, from }) => {
      const keys = Array.from({ length: count }, (_, i) => {
        const iso = new Date(Date.parse(from) + i * seconds * 1000).toISOString().slice(0, 19);
        return `datasets/${name}${forms[form]!(iso)}.csv`;
      });
      const lister = new MemoryLister(keys);
      expect(await keyOfLatest(lister)).toBe(keys.at(-1));
      expect(lister.requests).toBeLessThanOrEqual(10);
    },
  );
});
