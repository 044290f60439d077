import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import {
  InvalidArtefactKeyError,
  makeTimestampedFilename,
  parseTimestampedKey,
  UnsupportedFileFormatError,
} from "@ml-pipelines/pipeline-utils/aws";
import { compareKeys } from "../../src/aws/timestamped-key.js";

const timestampOf = (key: string): string | undefined => parseTimestampedKey(key)?.timestamp.toISOString();

describe("parseTimestampedKey", () => {
  test.each([
    ["datasets/time_to_dispatch_2021-07-03T23:05:32.csv", "2021-07-03T23:05:32.000Z"],
    ["models/time-to-dispatch_2021-07-03T23:45:23.558Z.json", "2021-07-03T23:45:23.558Z"],
    ["datasets/time_to_dispatch_2021-07-01T16|45|38.csv", "2021-07-01T16:45:38.000Z"],
    ["a_2021-07-03 23-05-32.csv", "2021-07-03T23:05:32.000Z"],
    ["a_2021-07-03_23.05.32.csv", "2021-07-03T23:05:32.000Z"],
    ["a_2021-07-03_23.05.32.5.csv", "2021-07-03T23:05:32.500Z"],
    ["a_2021-07-03_230532.csv", "2021-07-03T23:05:32.000Z"],
    ["a_2021-07-03_230532.558123.csv", "2021-07-03T23:05:32.558Z"],
    ["a_2021-07-03T23:05.csv", "2021-07-03T23:05:00.000Z"],
    ["a_2021-07-03T2305.csv", "2021-07-03T23:05:00.000Z"],
    ["2021-07-03.parquet", "2021-07-03T00:00:00.000Z"],
    ["a_2021-07-03_final.csv", "2021-07-03T00:00:00.000Z"],
    ["a_2021-07-03T23:05:32Z.csv", "2021-07-03T23:05:32.000Z"],
    ["a_2021-07-03T23:05:32+02:00.csv", "2021-07-03T21:05:32.000Z"],
    ["a_2021-07-03T23:05:32-0430.csv", "2021-07-04T03:35:32.000Z"],
    ["a_2021-07-03T23:05:32+02.csv", "2021-07-03T21:05:32.000Z"],
    ["a_2021-07-03T23|05|32.5-11|30.csv", "2021-07-04T10:35:32.500Z"],
    ["a_0099-07-03.csv", "0099-07-03T00:00:00.000Z"],
    ["a_2020-02-29.csv", "2020-02-29T00:00:00.000Z"],
  ])("reads %s as %s", (key, expected) => {
    expect(timestampOf(key)).toBe(expected);
  });

  test.each([
    ["a_2021-07-03.CSV", "a_", "csv"],
    ["a_2021-07-03.csv.gz", "a_", "csv"],
    ["a_2021-07-03.csv.zst", "a_", "csv"],
    ["A_2021-07-03T23:05:32.Csv.GZ", "A_", "csv"],
    ["csv.gz_2021-07-03.csv.gz", "csv.gz_", "csv"],
    ["a_2021-07-03.Parquet", "a_", "parquet"],
    ["a_2021-07-03.JSON", "a_", "json"],
  ])("reads the format of %s in any case", (key, namePrefix, fileFormat) => {
    expect(parseTimestampedKey(key)).toMatchObject({ namePrefix, fileFormat });
  });

  test("reads the last real timestamp of the file's name", () => {
    expect(timestampOf("a_2021-01-01_2021-05-05T10:00:00.csv")).toBe("2021-05-05T10:00:00.000Z");
    expect(timestampOf("a_2021-01-01T10:00:00_2021-02-30.csv")).toBe("2021-01-01T10:00:00.000Z");
    expect(timestampOf("a_2021-01-01T10:00:00-2021-02-03.csv")).toBe("2021-02-03T00:00:00.000Z");
  });

  test.each([
    "2021-07-03/sales.csv",
    "a_2021-02-29.csv",
    "a_2021-13-01.csv",
    "a_2021-00-10.csv",
    "a_0000-01-01.csv",
    "a_2021-07-03T24:00:00.csv",
    "a_2021-07-03T23:60:00.csv",
    "a_2021-07-03T23:05:61.csv",
    "a_2021-07-03T23:05:32+24:00.csv",
    "a_12021-07-03.csv",
    "a_2021-07-031.csv",
    "a_2021-7-3.csv",
    "a_2021-07-03.json.gz",
    "a_2021-07-03.gz",
    "a_2021-07-03.csv.gz.zst",
    "a_2021-07-03.csv.zst.csv.gz.x",
    "a_2021-07-03csv",
    "a_2021-07-03.",
    "",
    ".csv",
  ])("returns undefined for %j", (key) => {
    expect(parseTimestampedKey(key)).toBeUndefined();
  });

  test("parses a hostile name in linear time", () => {
    const key = `${"2021-07-0".repeat(100_000)}.csv`;
    expect(parseTimestampedKey(key)).toBeUndefined();
    expect(timestampOf(`${"2021-02-30_".repeat(50_000)}2021-07-03.csv`)).toBe("2021-07-03T00:00:00.000Z");
  });
});

describe("makeTimestampedFilename", () => {
  const dates = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  const prefixes = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !/[/\p{Cc}]/u.test(text));

  test("writes names that parse to the same millisecond for models and second for datasets", () => {
    fc.assert(
      fc.property(prefixes, dates, (prefix, date) => {
        const model = parseTimestampedKey(makeTimestampedFilename(prefix, date, "json"));
        expect(model).toMatchObject({ namePrefix: `${prefix}_`, timestamp: date, fileFormat: "json" });
        const dataset = parseTimestampedKey(`datasets/${makeTimestampedFilename(prefix, date, "csv")}`);
        expect(dataset?.timestamp.getTime()).toBe(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });

  test("names datasets as the Python package does", () => {
    const date = new Date("2021-07-03T23:05:32.999Z");
    expect(makeTimestampedFilename("time_to_dispatch", date, "csv")).toBe(
      "time_to_dispatch_2021-07-03T23:05:32.csv",
    );
    expect(makeTimestampedFilename("a", date, "parquet")).toBe("a_2021-07-03T23:05:32.parquet");
    expect(makeTimestampedFilename("a", date, "json")).toBe("a_2021-07-03T23:05:32.999Z.json");
  });

  test("rejects names that could not be found again", () => {
    const date = new Date(0);
    expect(() => makeTimestampedFilename("", date, "csv")).toThrow(InvalidArtefactKeyError);
    expect(() => makeTimestampedFilename("a/b", date, "csv")).toThrow('"a/b" cannot begin a file\'s name');
    expect(() => makeTimestampedFilename("a", new Date(NaN), "csv")).toThrow(
      "refDatetime is an invalid date",
    );
    expect(() => makeTimestampedFilename("a", new Date("+010000-01-01T00:00:00Z"), "csv")).toThrow(
      "years 1 to 9999",
    );
    // @ts-expect-error a caller without types
    expect(() => makeTimestampedFilename("a", date, "pkl")).toThrow(UnsupportedFileFormatError);
    // @ts-expect-error a caller without types
    expect(() => makeTimestampedFilename("a", "2021-07-03", "csv")).toThrow(
      new TypeError("refDatetime is '2021-07-03', expected a Date"),
    );
    // @ts-expect-error a caller without types
    expect(() => makeTimestampedFilename(undefined, date, "csv")).toThrow(
      new TypeError("a file's name prefix is undefined, expected text"),
    );
  });
});

test("sorts keys by their UTF-8 bytes, as S3 does", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.string({ unit: "binary", maxLength: 4 }),
      (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(expected));
      },
    ),
  );
  expect(compareKeys("\uFF5E", "𝒳")).toBeLessThan(0);
});
