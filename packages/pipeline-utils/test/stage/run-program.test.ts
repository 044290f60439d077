import { fileURLToPath } from "node:url";

import { describe, expect, test } from "@jest/globals";
import { readVersion } from "@ml-pipelines/pipeline-utils/stage";

import { runChild } from "@ml-pipelines/test-support/run-child";
import type { Run, RunOptions } from "@ml-pipelines/test-support/run-child";

const PROGRAM = fileURLToPath(new URL("fixtures/acting-program.mjs", import.meta.url));
const USAGE =
  "S3_BUCKET RATIO [--host HOST] [--poll-seconds SECONDS] [--access-log on|off] [--allow-future] [--max-seconds SECONDS]";

/** Run the program with sound arguments, and tell it what to do. */
const act = (name: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Run> =>
  runChild(PROGRAM, ["a-bucket", "0.5", ...args], { ...options, env: { act: name, ...options.env } });

/** The lines of a log, without their times. */
const linesOf = ({ stdout }: Run): string[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^[-\d]+ [:,\d]+ - /, ""));

describe("the arguments of runProgram", () => {
  test("reads arguments from the command line, with defaults for the rest", async () => {
    const run = await act("print", ["--poll-seconds", "0.5", "--allow-future"]);
    const values =
      '{"bucket":"a-bucket","ratio":0.5,"host":"::1","pollSeconds":0.5,"accessLog":"on","allowFuture":true}';
    expect(linesOf(run)).toEqual([`INFO - acting.main - ${values}`]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
  });

  test("reads arguments from variables, which the command line overrides", async () => {
    const env = { POLL_SECONDS: "3", HOST: "10.0.0.1", ACCESS_LOG: "off", ALLOW_FUTURE: "true" };
    const { stdout } = await act("print", ["--host", "0.0.0.0"], { env });
    expect(stdout).toContain('"host":"0.0.0.0","pollSeconds":3,"accessLog":"off","allowFuture":true');
  });

  test("rejects wrong arguments in one line with exit code 2", async () => {
    const run = await runChild(PROGRAM, ["a-bucket", "-0.5"]);
    expect(linesOf(run)).toEqual([
      `ERROR - acting.main - Invalid arguments passed to acting-program - expected ${USAGE} - RATIO is "-0.5", expected a number in (0, 1]`,
    ]);
    expect(run).toMatchObject({ code: 2, stderr: "" });
  });
});

test("ends work that waits for nothing in one line with exit code 1", async () => {
  const run = await act("never");
  expect(linesOf(run)).toEqual([
    expect.stringMatching(/^ERROR - acting\.main - .* - its work never ends, and waits for nothing$/),
  ]);
  expect(run).toMatchObject({ code: 1, stderr: "" });
});

test("reads the version of a program named without extension, as Node does", () => {
  expect(readVersion(PROGRAM.replace(/\.mjs$/, ""))).toBe(readVersion(PROGRAM));
  expect(readVersion("/no/such/program")).toBe("unknown");
});

describe("the answers of runProgram", () => {
  test("prints help even when arguments are missing or wrong", async () => {
    const { code, stdout, stderr } = await runChild(PROGRAM, ["--help"], { env: { LOG_LEVEL: "loud" } });
    expect(stdout).toContain(`usage: acting-program ${USAGE}\n\nDoes what it is told.\n\n`);
    expect(stdout).toMatch(/^ {2}S3_BUCKET +name of the bucket, without s3:\/\/ \(variable S3_BUCKET\)$/m);
    expect(stdout).toMatch(/^ {2}--host HOST +address \(default ::1; variable HOST\)$/m);
    expect(stdout).toMatch(/^ {2}--allow-future +accept files dated ahead \(variable ALLOW_FUTURE\)$/m);
    expect(stdout).toMatch(/^ {2}act +what to do$/m);
    expect(stdout).toMatch(/^ {2}LOG_LEVEL +DEBUG, INFO, WARNING or ERROR/m);
    expect(stdout).toContain("exit codes: 0 done; 1 failed, a retry may help; 2 a retry fails again");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("prints the version of the nearest package.json", async () => {
    const { code, stdout } = await runChild(PROGRAM, ["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(code).toBe(0);
  });
});

describe("the failures of runProgram", () => {
  test.each([
    ["stageError", 2, "Could not act - r-squared is 0.5, expected 0.8"],
    ["badDelivery", 2, "Could not act - s3://b/k.csv is a bad delivery"],
    ["temporaryError", 1, "Could not act - port 80 is taken"],
    ["invalidArguments", 2, `Invalid arguments passed to acting-program - expected ${USAGE} - HOST is taken`],
  ])("ends in one line after %s, with exit code %i", async (name, code, message) => {
    const run = await act(name);
    expect(linesOf(run)).toEqual([`ERROR - acting.main - ${message}`]);
    expect(run).toMatchObject({ code, stderr: "" });
  });

  test("prints the stack after a fault of the program, with exit code 1", async () => {
    const run = await act("bug");
    expect(linesOf(run)[0]).toBe("ERROR - acting.main - Could not act - x is not a function");
    expect(run.stdout).toMatch(/^ +at .*acting-program\.mjs/m);
    expect(run.code).toBe(1);
  });

  test("ends in one line after a rejection with a text", async () => {
    const run = await act("notAnError");
    expect(linesOf(run)[0]).toContain("ERROR - acting.main - Could not act - just a text");
    expect(run.code).toBe(1);
  });

  test("writes to standard error if the logger cannot be configured", async () => {
    expect(await act("print", [], { env: { LOG_LEVEL: "loud" } })).toEqual({
      code: 2,
      stdout: "",
      stderr: 'LOG_LEVEL is "loud", expected one of DEBUG, INFO, WARNING, ERROR\n',
    });
  });
});

test("logs warnings of Node", async () => {
  const run = await act("warn");
  expect(linesOf(run)).toEqual(["WARNING - acting.main - look out"]);
  expect(run).toMatchObject({ code: 0, stderr: "" });
});

describe("the stop of runProgram", () => {
  const terminateWhen =
    (words: string): NonNullable<RunOptions["onOutput"]> =>
    (text, child) => {
      if (text.includes(words)) {
        child.kill("SIGTERM");
      }
    };

  test.each(["SIGTERM", "SIGINT"] as const)("ends a batch at %s, with exit code 1", async (signal) => {
    const run = await act("wait", [], { onOutput: (_, child) => child.kill(signal) });
    expect(linesOf(run)).toEqual([
      "INFO - acting.main - waiting",
      `ERROR - acting.main - Could not act - stopped by ${signal}`,
    ]);
    expect(run.code).toBe(1);
  });

  test("ends a batch at its deadline, with exit code 1", async () => {
    const run = await act("wait", ["--max-seconds", "0.2"]);
    expect(linesOf(run)[1]).toBe(
      "ERROR - acting.main - Could not act - the stage took longer than --max-seconds 0.2",
    );
    expect(run.code).toBe(1);
  });

  test("ends a service that closes itself with exit code 0, though a socket is open", async () => {
    const run = await act("serve", [], { onOutput: terminateWhen("waiting") });
    expect(linesOf(run)).toEqual([
      "INFO - acting.main - waiting",
      "INFO - acting.main - closing, stopped by SIGTERM (SIGTERM)",
    ]);
    expect(run.code).toBe(0);
  });

  test("ends at once at the second signal", async () => {
    const run = await act("ignoreSignals", [], { onOutput: (_, child) => child.kill("SIGTERM") });
    expect(linesOf(run).at(-1)).toBe(
      "ERROR - acting.main - Could not act - stopped by a second signal, SIGTERM",
    );
    expect(run.code).toBe(1);
  });

  test("ends a program that ignores the signal after its grace period", async () => {
    const run = await act("ignoreSignals", [], { onOutput: terminateWhen("waiting") });
    expect(linesOf(run).at(-1)).toBe("ERROR - acting.main - Could not act - it did not end within 1 s");
    expect(run.code).toBe(1);
  });

  test("closes after an unhandled error, with its stack and exit code 1", async () => {
    const run = await act("crash");
    expect(linesOf(run)[0]).toBe("ERROR - acting.main - Could not act - nothing handled this");
    expect(run.stdout).toMatch(/^ +at .*acting-program\.mjs/m);
    expect(linesOf(run).at(-1)).toBe("INFO - acting.main - closing");
    expect(run.code).toBe(1);
  });
});
