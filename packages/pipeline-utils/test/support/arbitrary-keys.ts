import fc from "fast-check";

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
    if (parts === 0) {
      return date;
    }
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
const extensions = fc.constantFrom(
  ".csv",
  ".csv",
  ".csv",
  ".csv",
  ".json",
  ".parquet",
  "",
  ".csv.gz",
  ".CSV",
);
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
  fc
    .tuple(names, timestamps, fc.constantFrom("_", "-", ".", "x"), timestamps)
    .map(([name, a, mark, b]) => `datasets/${name}${a}${mark}${b}.csv`),
);
export const regularKeys = fc
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

/** Names that begin, or go on, as if with a date. */
const misleadingNames = fc.constantFrom(
  "2021-sales_",
  "sales_2021-x_",
  "sales_2021-07-x_",
  "sales_2021-06-31T_",
  "sales_2021-07-101_",
  "T_",
  "sales_T_",
  "sales_2021-07-10T00:00:00_",
  "sales-2021-07-10-",
  "2021-06-20.of.",
);
const timeMarks = fc.constantFrom(":", ":", "|", "-", ".", "");
/** Folders whose keys are written in one way, as most are, within a few weeks: those of which groups are skipped. */
export const uniformKeys = fc
  .record({
    dateEnd: fc.constantFrom("T", "T", "_", " "),
    mark: timeMarks,
    keys: fc.array(
      fc.record({
        name: fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom("sales_", "sales_eu_", "time-to-dispatch_", "") },
          { weight: 1, arbitrary: misleadingNames },
        ),
        date: fc.oneof(
          { weight: 12, arbitrary: fc.integer({ min: 0, max: 40 }) },
          { weight: 1, arbitrary: fc.integer({ min: 0, max: 400 }) },
        ),
        time: fc.tuple(twoDigits(23), twoDigits(59), twoDigits(59)),
        otherMark: fc.option(timeMarks, { freq: 10, nil: undefined }),
        zone: fc.oneof({ weight: 4, arbitrary: fc.constant("") }, { weight: 1, arbitrary: zones }),
        extension: fc.constantFrom(".csv", ".csv", ".csv.gz", ".CSV", ".json"),
        folder: fc.oneof({ weight: 15, arbitrary: fc.constant("") }, { weight: 1, arbitrary: folders }),
      }),
      { minLength: 20, maxLength: 150 },
    ),
  })
  .map(({ dateEnd, mark, keys }) =>
    keys.map(({ name, date, time, otherMark = mark, zone, extension, folder }) => {
      const day = new Date(Date.UTC(2021, 5, 1 + date)).toISOString().slice(0, 10);
      return `datasets/${folder}${name}${day}${dateEnd}${time.join(otherMark)}${zone}${extension}`;
    }),
  );
export const anyKeys = fc.array(
  fc.oneof({ weight: 8, arbitrary: plainKeys }, { weight: 1, arbitrary: oddKeys }),
  {
    maxLength: 80,
  },
);
export const targets = fc.record({
  folder: fc.constantFrom("datasets/", "datasets/", ""),
  fileFormat: fc.constantFrom("csv" as const, "json" as const),
  filenamePrefix: fc.constantFrom(undefined, undefined, "sales", "time-to-dispatch", "2021-sales"),
  recursive: fc.constantFrom(false, false, false, true),
  notAfter: fc.constantFrom(undefined, undefined, Date.UTC(2021, 5, 8, 12)),
});
