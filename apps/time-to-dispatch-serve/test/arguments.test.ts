import { describe, expect, test } from "@jest/globals";
import { parseArguments } from "../src/arguments.js";
import { readSettings } from "../src/settings.js";

const EXPECTED = "Invalid arguments passed to time-to-dispatch-serve - expected S3_BUCKET ";

describe("arguments", () => {
  test("have defaults", () => {
    expect(parseArguments(["bucket"])).toEqual({
      bucket: "bucket",
      host: "0.0.0.0",
      port: 8000,
      pollSeconds: 30,
    });
  });

  test("may stand in any order", () => {
    const argv = "--port 0 --model-key models/a.json my.bucket-1 --host ::1 --poll-seconds=0.5".split(" ");
    expect(parseArguments(argv)).toEqual({
      bucket: "my.bucket-1",
      host: "::1",
      port: 0,
      modelKey: "models/a.json",
      pollSeconds: 0.5,
    });
  });

  test("may ask for help or the version only", () => {
    expect(parseArguments(["--help"])).toBe("help");
    expect(parseArguments(["bucket", "-h"])).toBe("help");
    expect(parseArguments(["--version"])).toBe("version");
  });

  test.each([
    [[], "S3_BUCKET is missing"],
    [["a-bucket", "another"], 'unexpected "another"'],
    [["s3://bucket"], 'S3_BUCKET is "s3://bucket", expected a name of 3 to 63'],
    [["ab"], 'S3_BUCKET is "ab", expected a name of 3 to 63'],
    [["bucket", "--port", "65536"], '--port is "65536", expected a whole number from 0 to 65535'],
    [["bucket", "--port", "8e3"], '--port is "8e3"'],
    [["bucket", "--port", ""], '--port is ""'],
    [["bucket", "--port"], "Option '--port <value>' argument missing"],
    [["bucket", "--poll-seconds", "0"], '--poll-seconds is "0", expected a number from 0.1 to 86400'],
    [["bucket", "--poll-seconds", "86401"], '--poll-seconds is "86401"'],
    [["bucket", "--host", "a b"], '--host is "a b", expected an address'],
    [["bucket", "--model-key", ""], '--model-key is "", expected the key of a model'],
    [["bucket", "--verbose"], "Unknown option '--verbose'"],
  ])("%j are refused", (argv, reason) => {
    expect(() => parseArguments(argv)).toThrow(EXPECTED);
    expect(() => parseArguments(argv)).toThrow(reason);
  });
});

describe("settings", () => {
  test("log requests unless told not to", () => {
    expect(readSettings({})).toEqual({ accessLog: true, logFormat: "text" });
    expect(readSettings({ ACCESS_LOG: "off", LOG_FORMAT: "JSON" })).toEqual({
      accessLog: false,
      logFormat: "json",
    });
    expect(() => readSettings({ ACCESS_LOG: "no" })).toThrow('ACCESS_LOG is "no", expected on or off');
  });
});
