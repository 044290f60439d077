import { describe, expect, test } from "@jest/globals";

import {
  bucketArgument,
  choiceOption,
  deadlineOption,
  flagOption,
  integerOption,
  numberArgument,
  numberOption,
  textArgument,
  textOption,
} from "../../src/stage/index.js";
import { textsOption } from "../../src/stage/program/argument.js";
import { renderUsage } from "../../src/stage/program/help.js";
import { parseArguments } from "../../src/stage/program/parse-arguments.js";

const description = "";
const declared = {
  bucket: bucketArgument(),
  ratio: numberArgument({ name: "RATIO", description, variable: "RATIO", above: 0, maximum: 1 }),
  port: integerOption({
    placeholder: "PORT",
    description,
    variable: "PORT",
    default: 8000,
    minimum: 0,
    maximum: 65_535,
  }),
  factor: numberOption({ placeholder: "FACTOR", description, minimum: 2 }),
  modelKey: textOption({
    placeholder: "KEY",
    description,
    variable: "MODEL_KEY",
    expected: "the key of a model",
  }),
  accessLog: choiceOption({ choices: ["on", "off"], description, variable: "ACCESS_LOG", default: "on" }),
  allowFuture: flagOption({ description, variable: "ALLOW_FUTURE" }),
  maxSeconds: deadlineOption({ placeholder: "N" }),
};
const defaults = {
  bucket: "bucket",
  ratio: 0.5,
  port: 8000,
  factor: undefined,
  modelKey: undefined,
  accessLog: "on",
  allowFuture: false,
  maxSeconds: undefined,
};

/** Parse a command line, given with blanks between its words. */
const parse = (line: string, environment: NodeJS.ProcessEnv = {}) =>
  parseArguments(declared, line === "" ? [] : line.split(" "), environment);

describe("parseArguments", () => {
  test("reads positionals and options in any order", () => {
    expect(parse("--port 0 my.bucket-1 --model-key=models/a.json 1 --max-seconds 0.5")).toEqual({
      action: "run",
      values: {
        ...defaults,
        bucket: "my.bucket-1",
        ratio: 1,
        port: 0,
        modelKey: "models/a.json",
        maxSeconds: 0.5,
      },
      deadline: { option: "--max-seconds", seconds: 0.5 },
    });
  });

  test.each(["--help", "-h", "bucket --help"])("reads %s without the other arguments", (line) => {
    expect(parse(line)).toEqual({ action: "help" });
  });

  test("reads --version without the other arguments", () => {
    expect(parse("--version")).toEqual({ action: "version" });
  });

  test("reads missing positionals from their variables", () => {
    const { values } = Object.assign({ values: {} }, parse("", { S3_BUCKET: "bucket", RATIO: "0.5" }));
    expect(values).toEqual(defaults);
  });

  test("treats an empty variable as unset", () => {
    const environment = { PORT: "", MODEL_KEY: "", ACCESS_LOG: "", ALLOW_FUTURE: "" };
    const { values } = Object.assign({ values: {} }, parse("bucket 0.5", environment));
    expect(values).toEqual(defaults);
  });

  test.each([
    ["", "S3_BUCKET is missing"],
    ["bucket", "RATIO is missing"],
    ["bucket 0.5 x y", 'unexpected "x y"'],
    [
      "s3://bucket 0.5",
      'S3_BUCKET is "s3://bucket", expected a name of 3 to 63 letters, digits, dots and hyphens',
    ],
    ["bucket high", 'RATIO is "high", expected a number in (0, 1]'],
    ["bucket 0", 'RATIO is "0", expected a number in (0, 1]'],
    ["bucket -0.5", 'RATIO is "-0.5", expected a number in (0, 1]'],
    ["bucket -.5", 'RATIO is "-.5", expected a number in (0, 1]'],
    ["bucket 1.01", 'RATIO is "1.01", expected a number in (0, 1]'],
    ["bucket ", 'RATIO is "", expected a number in (0, 1]'],
    ["bucket 0x1", 'RATIO is "0x1", expected a number in (0, 1]'],
    ["bucket NaN", 'RATIO is "NaN", expected a number in (0, 1]'],
    ["bucket 0.5 --port x", '--port is "x", expected a whole number from 0 to 65535'],
    ["bucket 0.5 --port -1", '--port is "-1", expected a whole number from 0 to 65535'],
    ["bucket 0.5 --port 65536", '--port is "65536", expected a whole number from 0 to 65535'],
    ["bucket 0.5 --port 8e3", '--port is "8e3", expected a whole number from 0 to 65535'],
    ["bucket 0.5 --factor 1e400", '--factor is "1e400", expected a number of at least 2'],
    ["bucket 0.5 --model-key=", '--model-key is "", expected the key of a model'],
    ["bucket 0.5 --access-log maybe", '--access-log is "maybe", expected on or off'],
    ["bucket 0.5 --max-seconds 0", '--max-seconds is "0", expected a number in (0, 2147483]'],
    ["bucket 0.5 --verbose", "Unknown option '--verbose'"],
    ["bucket 0.5 --port", "Option '--port <value>' argument missing"],
    ["bucket 0.5 --allow-future=yes", "Option '--allow-future' does not take an argument"],
  ])("rejects %j", (line, reason) => {
    expect(() => parse(line)).toThrow(reason);
    expect(() => parse(line)).toThrow(expect.objectContaining({ name: "InvalidArgumentsError" }));
  });

  test.each([
    [{ PORT: "x" }, 'PORT is "x", expected a whole number from 0 to 65535'],
    [{ ALLOW_FUTURE: "yes" }, 'ALLOW_FUTURE is "yes", expected true or false'],
    [{ ACCESS_LOG: "true" }, 'ACCESS_LOG is "true", expected on or off'],
  ])("names the variable that holds a wrong value: %j", (environment, reason) => {
    expect(() => parse("bucket 0.5", environment)).toThrow(reason);
  });

  test("ignores a variable whose argument is given", () => {
    expect(parse("bucket 0.5 --port 1", { PORT: "x" })).toMatchObject({ values: { port: 1 } });
  });

  test("keeps a space that users put before a number", () => {
    const name = { name: textArgument({ name: "NAME", description, expected: "a text" }) };
    expect(parseArguments(name, ["-5 items"], {})).toMatchObject({ values: { name: "-5 items" } });
  });
});

describe("arguments of a command", () => {
  const command = {
    name: textArgument({ name: "NAME", description, expected: "a name" }),
    key: { ...textArgument({ name: "KEY", description, expected: "a key" }), fallback: { value: "latest" } },
    reason: {
      ...textOption({ placeholder: "TEXT", description, expected: "text", default: "" }),
      fallback: undefined,
    },
    keep: textsOption({ placeholder: "KEY", description, expected: "a key", pattern: /^models/ }),
  };
  const parseCommand = (line: string) => parseArguments(command, line.split(" "), {});

  test("reads a repeated option, and a default for the last positional", () => {
    expect(parseCommand("n --keep models/a --reason x --keep models/b")).toMatchObject({
      values: { name: "n", key: "latest", reason: "x", keep: ["models/a", "models/b"] },
    });
    expect(parseCommand("n k --reason x")).toMatchObject({ values: { key: "k", keep: [] } });
  });

  test("rejects a missing option that is required, and any repeated value against its rule", () => {
    expect(() => parseCommand("n")).toThrow("--reason is missing");
    expect(() => parseCommand("n --reason x --keep models/a --keep b")).toThrow(
      String.raw`--keep is "models/a\nb", expected a key`,
    );
  });

  test("shows in the usage which arguments may be left out", () => {
    expect(renderUsage(command)).toBe("NAME [KEY] --reason TEXT [--keep KEY]");
  });
});
