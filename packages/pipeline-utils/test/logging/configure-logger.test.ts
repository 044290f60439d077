import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

import { describe, expect, test } from "@jest/globals";

import { readLogFormat, readLogLevel } from "../../src/logging/configure-logger.js";
import { renderJson, renderText } from "../../src/logging/render-line.js";

const dist = new URL("../../dist/logging/index.js", import.meta.url);

/** The output of a program that logs so. It runs the built package, in a process of its own. */
function run(
  code: string,
  env: Record<string, string> = {},
): { stdout: string; stderr: string; status: number | null } {
  const program = `import { configureLogger } from ${JSON.stringify(dist.href)}; ${code}`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { PATH: process.env.PATH ?? "", ...env },
    encoding: "utf8",
  });
}

const logAll = `
  const log = configureLogger({ module: "serve_model.main" });
  log.debug("d"); log.info("i"); log.warn("w", { rows: 3 }); log.error("e");
  log.child({ module: "other" }).info("from another module");`;

describe("configureLogger", () => {
  test("writes to standard output in the original's form and in UTC", () => {
    const { stdout, stderr } = run(logAll, { TZ: "Asia/Tokyo" });
    expect(stderr).toBe("");
    const time = String.raw`\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{3}`;
    expect(stdout).toMatch(
      new RegExp(
        [
          `^${time} - INFO - serve_model.main - i`,
          `${time} - WARNING - serve_model.main - w {"rows":3}`,
          `${time} - ERROR - serve_model.main - e`,
          `${time} - INFO - other - from another module\n$`,
        ].join("\n"),
      ),
    );
    const hour = new Date().toISOString().slice(0, 13).replace("T", " ");
    expect(stdout.slice(0, 10)).toBe(hour.slice(0, 10));
  });

  test("reads its level and its form from the environment", () => {
    const { stdout } = run(logAll, { LOG_LEVEL: "Warning", LOG_FORMAT: "JSON" });
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { level: "WARNING", module: "serve_model.main", message: "w", rows: 3 },
      { level: "ERROR", module: "serve_model.main", message: "e" },
    ]);
  });

  test("rejects an unknown level or form", () => {
    expect(run(logAll, { LOG_LEVEL: "loud" }).stderr).toContain(
      'LOG_LEVEL is "loud", expected one of DEBUG, INFO, WARNING, ERROR',
    );
    expect(run(logAll, { LOG_FORMAT: "xml" }).stderr).toContain(
      'LOG_FORMAT is "xml", expected one of text, json',
    );
  });

  test("tells whether a level is enabled", () => {
    const { stdout } = run(`
      const log = configureLogger({ level: "warn" });
      console.log(log.level, log.isLevelEnabled("info"), log.isLevelEnabled("error"));`);
    expect(stdout).toBe("warn false true\n");
  });
});

describe("a program that loses its output", () => {
  const program = `
    import { configureLogger } from ${JSON.stringify(dist.href)};
    import { setTimeout as sleep } from "node:timers/promises";
    const log = configureLogger({ module: "m" });
    configureLogger();
    for (let i = 0; i < 20; i += 1) { log.info("line"); await sleep(5); }
    process.stderr.write("done");`;
  const shell = (output: string): { stdout: string; stderr: string } =>
    spawnSync("sh", ["-c", `"$NODE" --input-type=module -e "$PROGRAM" ${output}`], {
      env: { PATH: process.env.PATH ?? "", NODE: process.execPath, PROGRAM: program },
      encoding: "utf8",
    });

  test("continues when the reader leaves", () => {
    const { stdout, stderr } = shell("| head -1");
    expect(stdout).toMatch(/ - INFO - m - line\n$/);
    expect(stderr).toBe("done");
  });

  // /dev/full is Linux's.
  (existsSync("/dev/full") ? test : test.skip)("continues when the disk is full", () => {
    expect(shell("> /dev/full").stderr).toBe("done");
  });
});

describe("log lines", () => {
  const record = {
    time: Date.UTC(2021, 6, 24, 9, 56, 42, 718),
    level: "info",
    module: "m",
    message: "text",
    fields: {},
  } as const;

  test("equals the original's line", () => {
    expect(renderText(record)).toBe("2021-07-24 09:56:42,718 - INFO - m - text");
  });

  test("escapes line breaks, so that no line can be forged", () => {
    expect(renderText({ ...record, message: "a\n2021-07-24 - ERROR" })).toBe(
      String.raw`2021-07-24 09:56:42,718 - INFO - m - a\n2021-07-24 - ERROR`,
    );
  });

  test("escapes control characters of the message, the module and the fields", () => {
    const raw = "a\u001b[2Jb\u0000\t\u007f\u009b\u2028c";
    const text = renderText({ ...record, module: raw, message: raw, fields: { [raw]: raw } });
    const escaped = String.raw`a\u001b[2Jb\u0000\t\u007f\u009b\u2028c`;
    expect(text).toBe(`2021-07-24 09:56:42,718 - INFO - ${escaped} - ${escaped} {"${escaped}":"${escaped}"}`);
    expect(JSON.parse(renderJson({ ...record, message: raw }))).toMatchObject({ message: raw });
  });

  test("indents the lines of a stack, so that the message of an error forges no line", () => {
    const err = new Error("a\u001b[2J\n2021-07-24 09:56:42,718 - INFO - m - forged");
    const text = renderText({ ...record, fields: { err } });
    expect(text).not.toMatch(/^2021.*forged/m);
    expect(text).toContain(String.raw`a\u001b[2J` + "\n    2021-07-24");
  });

  test("has the stack and the cause of an error", () => {
    const err = new Error("outer", { cause: new Error("inner") });
    const text = renderText({ ...record, fields: { err, rows: 3 } });
    expect(text).toMatch(/^2021-07-24 09:56:42,718 - INFO - m - text {"rows":3}\n {4}Error: outer\n {8}at /);
    expect(text).toContain("[cause]: Error: inner");
    expect(JSON.parse(renderJson({ ...record, fields: { err } }))).toMatchObject({
      err: { name: "Error", message: "outer" },
    });
  });

  test("accepts fields that JSON cannot hold", () => {
    const circular: Record<string, unknown> = { big: 1n };
    circular.self = circular;
    const shared = { a: 1 };
    expect(renderText({ ...record, fields: { circular, x: shared, y: shared, none: undefined } })).toBe(
      '2021-07-24 09:56:42,718 - INFO - m - text {"circular":{"big":"1","self":"[circular]"},"x":{"a":1},"y":{"a":1}}',
    );
    expect(JSON.parse(renderJson({ ...record, fields: { message: "not the message" } }))).toMatchObject({
      message: "text",
    });
  });
});

test("reads levels and forms in any case", () => {
  expect(["debug", "INFO", "Warn", "WARNING", "error"].map((text) => readLogLevel(text, "x"))).toEqual([
    "debug",
    "info",
    "warn",
    "warn",
    "error",
  ]);
  expect(readLogFormat(" Json ", "x")).toBe("json");
});
