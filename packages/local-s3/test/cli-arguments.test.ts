import { describe, expect, test } from "@jest/globals";
import { parseCommand } from "../src/cli-arguments.js";

describe("parseCommand", () => {
  test("fills in the defaults", () => {
    expect(parseCommand(["--directory", "data"], {})).toEqual({
      kind: "serve",
      options: {
        directory: "data",
        port: 9000,
        buckets: [],
        accessKeyId: "local",
        secretAccessKey: "local-secret",
      },
    });
  });

  test("reads keys from the arguments, else from the environment", () => {
    const environment = { LOCAL_S3_ACCESS_KEY: "env-key", LOCAL_S3_SECRET_KEY: "env-secret" };
    const args = ["--directory=data", "--port=0", "--bucket=one", "--bucket", "two"];
    expect(parseCommand([...args, "--access-key", "arg-key"], environment)).toMatchObject({
      options: {
        port: 0,
        buckets: ["one", "two"],
        accessKeyId: "arg-key",
        secretAccessKey: "env-secret",
      },
    });
  });

  const rejected: readonly (readonly [args: readonly string[], message: string])[] = [
    [[], "--directory is missing"],
    [["--directory", ""], "--directory is missing"],
    [["--directory", "d", "--port", "70000"], '--port is "70000", expected a number from 0 to 65535'],
    [["--directory", "d", "--port", "http"], '--port is "http"'],
    [["--directory", "d", "--bucket", "A"], '--bucket is "A": it has 1 character, expected 3 to 63'],
    [["--directory", "d", "--bucket", "my_bucket"], "expected lower-case letters"],
    [["--directory", "d", "--secret-key", ""], "--secret-key is empty"],
    [["--directory", "d", "extra"], "Unexpected argument 'extra'"],
    [["--dir", "d"], "Unknown option '--dir'"],
    [["--directory"], "--directory <value>' argument missing"],
  ];
  for (const [args, message] of rejected) {
    test(`rejects ${JSON.stringify(args)}`, () => {
      expect(() => parseCommand(args, {})).toThrow(message);
    });
  }

  test("shows no secret in an error", () => {
    const run = () => parseCommand(["--directory", "d", "--secret-key", "très secret"], {});
    expect(run).toThrow("--secret-key is empty or has characters other than visible ASCII");
    expect(run).not.toThrow("très");
  });
});
