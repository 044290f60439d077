import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { CommandBucket } from "../support/command-bucket.js";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";

let s3: TestS3;
let storage: CommandBucket;
beforeAll(async () => {
  s3 = await startTestS3();
  storage = await CommandBucket.create(s3);
});
afterAll(() => s3.stop());

describe("the command line", () => {
  test("shows all commands, and for each its arguments with an example", async () => {
    const { stdout, code } = await storage.run(["--help"]);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}((?:models|datasets|predictions) \w+|monitor|doctor) /gm)].map(
      ([, words = ""]) => words,
    );
    expect(commands).toHaveLength(17);
    for (const words of ["models rollback", "doctor"]) {
      const help = await storage.run([...words.split(" "), "--help"]);
      expect(help.code).toBe(0);
      expect(help.stdout).toContain(`usage: pipeline-utils ${words} BUCKET`);
      expect(help.stdout).toContain(`example:\n  npm exec --no -- pipeline-utils ${words} my-bucket`);
    }
  });

  test.each<[string, readonly string[], string]>([
    [
      "an unknown command",
      ["models", "burn"],
      '"models burn" is no command, expected models list, models show',
    ],
    [
      "a missing argument",
      ["models", "list"],
      "models list: BUCKET is missing\nusage: pipeline-utils models list BUCKET NAME",
    ],
    ["a missing option", ["models", "promote", "b-b", "n", "k", "--alias", "a"], "--reason is missing"],
    ["an unknown option", ["doctor", "b-b", "--fix"], "Unknown option '--fix'"],
    [
      "a limit of 0",
      ["models", "list", "b-b", "n", "--limit", "0"],
      '--limit is "0", expected a whole number of at least 1',
    ],
    ["a missing file", ["predictions", "trace", "b-b", "/no/such/file"], 'FILE is "/no/such/file": ENOENT'],
    ["a missing bucket", ["models", "show", "there-is-no-such-bucket", "n"], "the bucket does not exist"],
    [
      "a missing alias",
      ["models", "show", "BUCKET", "n", "@production"],
      "/registry/n/production.json: no such alias",
    ],
  ])("ends with 2 and one message for %s", async (_, args, message) => {
    const { code, stdout, stderr } = await storage.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test("ends with 1 when the server is down", async () => {
    const { code, stderr } = await storage.run(["models", "list", "BUCKET", "n"], {
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
    });
    expect(code).toBe(1);
    expect(stderr).toContain("the server refuses connections");
  });
});

describe("datasets", () => {
  test("lists, shows, profiles and compares the datasets of a name", async () => {
    const own = await CommandBucket.create(s3);
    const first = own.dataset.key;
    const second = await own.putDataset(4, "SKU001,10,0.5\nSKU003,,20\n");
    const args = ["BUCKET", "time_to_dispatch"];
    expect((await own.run(["datasets", "list", ...args])).stdout).toBe(
      `TIME                      KEY\n2021-07-04T23:05:32.000Z  ${second}\n2021-07-03T23:05:32.000Z  ${first}\n`,
    );
    const { stdout: shown } = await own.run(["datasets", "show", ...args]);
    expect(shown).toMatch(new RegExp(`^key +${second}\n`));
    expect(shown).toMatch(/\nrows +2\n\nCOLUMN +TYPE +NULLS\n(?:.*\n)*orders_placed +\S+ +1\n/);
    const { stdout: profiled } = await own.run(["datasets", "profile", ...args, first]);
    expect(profiled).toMatch(/\nproduct_code +category +2 +0 +SKU001 1, SKU002 1\n/);
    expect(profiled).toMatch(/\norders_placed +number +2 +0 +minimum 10, median 35, mean 35, maximum 60\n/);
    const compared = await own.run(["datasets", "diff", ...args, first, "latest"]);
    expect(compared.code).toBe(3);
    expect(compared.stdout).toMatch(
      /\nproduct_code +2 values: SKU001 1, SKU002 1 +2 values: SKU001 1, SKU003 1\n/,
    );
    expect(await own.runJson(["datasets", "diff", ...args, first, first])).toMatchObject({
      code: 0,
      json: { same: true },
    });
    expect(await own.run(["datasets", "show", "BUCKET", "nothing"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no dataset is named "nothing"') as unknown,
    });
  });
});

describe("doctor", () => {
  const statusesOf = (json: unknown): Record<string, string> => {
    const { findings } = json as { findings: { check: string; status: string }[] };
    return Object.fromEntries(findings.map(({ check, status }) => [check, status]));
  };

  test("finds a sound bucket, and warns of missing versions with the remedy", async () => {
    await storage.putModel();
    const { code, json } = await storage.runJson(["doctor", "BUCKET"]);
    expect(code).toBe(0);
    expect(statusesOf(json)).toEqual({
      listing: "ok",
      region: "ok",
      clock: "ok",
      versions: "warning",
      "conditional writes": "ok",
      "latest model": "ok",
    });
    const { stdout } = await storage.run(["doctor", "BUCKET"]);
    expect(stdout).toContain(`aws s3api put-bucket-versioning --bucket ${storage.bucket}`);
  });

  test.each<[string, string, { name: string; value: string }]>([
    [
      "a clock that is ten minutes off",
      "clock",
      { name: "date", value: new Date(Date.now() - 600_000).toUTCString() },
    ],
    ["a bucket in another region", "region", { name: "x-amz-bucket-region", value: "eu-west-1" }],
  ])("ends with 2 for %s", async (_, check, header) => {
    const { endpoint } = await s3.through(() => ({ kind: "set-header", ...header }));
    const { code, json } = await storage.runJson(["doctor", "BUCKET"], { AWS_ENDPOINT_URL_S3: endpoint });
    expect(code).toBe(2);
    expect(statusesOf(json)[check]).toBe("failed");
  });

  test("ends with 2 for a server that ignores If-Match, and for wrong credentials", async () => {
    const { endpoint } = await s3.through(({ method, headers }) =>
      method === "PUT" && headers["if-match"] !== undefined
        ? { kind: "answer", status: 200, headers: { etag: '"e"' } }
        : { kind: "pass" },
    );
    const ignoring = await storage.runJson(["doctor", "BUCKET"], { AWS_ENDPOINT_URL_S3: endpoint });
    expect(ignoring.code).toBe(2);
    expect(statusesOf(ignoring.json)["conditional writes"]).toBe("failed");
    const denied = await storage.runJson(["doctor", "BUCKET"], { AWS_SECRET_ACCESS_KEY: "wrong" });
    expect(denied.code).toBe(2);
    expect(statusesOf(denied.json).listing).toBe("failed");
  });
});
