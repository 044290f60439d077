import { describe, expect, test } from "@jest/globals";
import { parseArguments } from "../src/arguments.js";

describe("parseArguments", () => {
  test("takes a bucket and two thresholds", () => {
    expect(parseArguments(["time-to-dispatch", "0.8", "1"])).toEqual({
      action: "train",
      bucket: "time-to-dispatch",
      errorThreshold: 0.8,
      warningThreshold: 1,
    });
  });

  test("help and version need nothing else", () => {
    expect(parseArguments(["--help"])).toEqual({ action: "help" });
    expect(parseArguments(["-h"])).toEqual({ action: "help" });
    expect(parseArguments(["--version"])).toEqual({ action: "version" });
  });

  test.each([
    [[], "got 0 arguments, expected 3"],
    [["bucket"], "got 1 argument, expected 3"],
    [["bucket", "0.8", "0.9", "x"], "got 4 arguments, expected 3"],
    [["bucket", "high", "0.9"], 'R_SQUARED_ERROR_THRESHOLD is "high", expected a number in (0, 1]'],
    [["bucket", "0", "0.9"], 'R_SQUARED_ERROR_THRESHOLD is "0", expected a number in (0, 1]'],
    [["bucket", "-0.5", "0.9"], 'R_SQUARED_ERROR_THRESHOLD is "-0.5", expected a number in (0, 1]'],
    [["bucket", "0.8", "1.01"], 'R_SQUARED_WARNING_THRESHOLD is "1.01", expected a number in (0, 1]'],
    [["bucket", "0.8", ""], 'R_SQUARED_WARNING_THRESHOLD is "", expected a number in (0, 1]'],
    [["bucket", "0x1", "0.9"], 'R_SQUARED_ERROR_THRESHOLD is "0x1", expected a number in (0, 1]'],
    [["bucket", "NaN", "0.9"], 'R_SQUARED_ERROR_THRESHOLD is "NaN", expected a number in (0, 1]'],
    [["s3://bucket", "0.8", "0.9"], 'S3_BUCKET is "s3://bucket", expected a bucket\'s name'],
    [["bucket", "0.8", "0.9", "--verbose"], "Unknown option '--verbose'"],
  ])("refuses %j", (args, reason) => {
    expect(() => parseArguments(args)).toThrow("Invalid arguments passed to time-to-dispatch-train.");
    expect(() => parseArguments(args)).toThrow(reason);
  });
});
