import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { preloaded, ServerProgram } from "@ml-pipelines/test-support/server-program";
import { Programs, SERVE } from "./support/programs.js";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";

describe("the exit of the program", () => {
  let storage: ModelStorage;
  let programs: Programs;

  beforeAll(async () => {
    storage = await ModelStorage.start();
    await storage.putModel();
    programs = new Programs(storage);
  });
  afterEach(() => programs.stop());
  afterAll(() => storage.stop());

  const BODY = '{"product_code": "SKU001", "orders_placed": 10}';

  /** A connection with a request of which the service has read the head and a part of the body. */
  async function begin(port: number): Promise<Socket> {
    const slow = connect(port, "127.0.0.1").setEncoding("utf8");
    slow.write(
      "POST /api/v0.1/time_to_dispatch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" +
        `content-length: ${BODY.length}\r\nexpect: 100-continue\r\n\r\n${BODY.slice(0, 9)}`,
    );
    await once(slow, "data");
    return slow;
  }

  test("finishes a running request on SIGTERM, and accepts no new connection", async () => {
    const program = programs.serve([], { ACCESS_LOG: "off" });
    const port = Number(new URL(await program.listening()).port);
    const slow = await begin(port);
    program.kill("SIGTERM");
    await program.printed(/Stopping on SIGTERM: finishing the requests under way/);
    const late = connect(port, "127.0.0.1");
    await expect(once(late, "connect")).rejects.toThrow("ECONNREFUSED");
    slow.write(BODY.slice(9));
    const answer: unknown[] = await once(slow, "data");
    expect(answer[0]).toMatch(/^HTTP\/1\.1 200 OK[^]*"est_hours_to_dispatch":0\.5/);
    expect(await program.ended()).toBe(0);
    expect(program.output).not.toContain("POST");
  });

  test("ends at once on a second signal, whatever is running", async () => {
    const program = programs.serve();
    const slow = await begin(Number(new URL(await program.listening()).port));
    slow.on("error", () => undefined);
    program.kill("SIGTERM");
    await program.printed(/Stopping on SIGTERM/);
    program.kill("SIGTERM");
    expect(await program.ended()).toBe(1);
    slow.destroy();
  });

  test("logs an unhandled error with its stack before it ends", async () => {
    const program = programs.serve([], {
      NODE_OPTIONS: `--import ${preloaded('process.once("SIGUSR2", () => { throw new Error("it broke"); });')}`,
    });
    await program.listening();
    program.kill("SIGUSR2");
    expect(await program.ended()).toBe(1);
    expect(program.output).toMatch(
      /ERROR - serve_model\.main - Could not .* - it broke\n {4}Error: it broke\n +at [^]*Stopped\n$/,
    );
  });

  describe("the exit of the program that cannot start", () => {
    const FAULTS: [string, string[], Record<string, string>, number, string][] = [
      [
        "no bucket given",
        [],
        {},
        2,
        "Invalid arguments passed to time-to-dispatch-serve - expected S3_BUCKET",
      ],
      ["an unknown level", [BUCKET], { LOG_LEVEL: "loud" }, 2, "LOG_LEVEL"],
      [
        "an unknown access log",
        [BUCKET],
        { ACCESS_LOG: "maybe" },
        2,
        'ACCESS_LOG is "maybe", expected on or off',
      ],
      ["a missing bucket", ["no-such-bucket"], {}, 2, "s3://no-such-bucket/models/"],
      ["refused credentials", [BUCKET], { AWS_SECRET_ACCESS_KEY: "wrong" }, 2, `s3://${BUCKET}/models/`],
      [
        "a missing pinned model",
        [BUCKET, "--model-key", "models/none.json"],
        {},
        2,
        `s3://${BUCKET}/models/none.json`,
      ],
      [
        "a pinned model beside an alias",
        [BUCKET, "--model-key", "models/none.json"],
        { MODEL_ALIAS: "production" },
        2,
        "--model-key models/none.json excludes --alias production",
      ],
      [
        "an alias whose name cannot be one",
        [BUCKET, "--alias", "../production"],
        {},
        2,
        '--alias is "../production", expected 1 to 63 letters, digits, dots, hyphens and underscores',
      ],
      [
        "a server that is down",
        [BUCKET],
        { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" },
        1,
        `s3://${BUCKET}/models/`,
      ],
      [
        "an address of another machine",
        [BUCKET, "--host", "203.0.113.1"],
        {},
        2,
        "could not listen on --host 203.0.113.1 --port 8000",
      ],
    ];
    // All at once: each spends most of its time starting.
    let started: ServerProgram[] = [];
    beforeAll(() => {
      started = FAULTS.map(
        ([, argv, environment]) => new ServerProgram(SERVE, argv, { ...storage.environment, ...environment }),
      );
    });
    afterAll(() => Promise.all(started.map((program) => program.stop())));

    test.each(FAULTS.map(([name, , , code, reason], index) => [name, code, reason, index] as const))(
      "ends in one line on %s",
      async (_name, code, reason, index) => {
        const program = started[index]!;
        expect(await program.ended()).toBe(code);
        const lines = program.output
          .trim()
          .split("\n")
          .filter((line) => !line.includes(" - INFO - ") && !line.includes(" - WARNING - "));
        expect(lines).toEqual([expect.stringContaining(reason)]);
        if (reason.startsWith("s3") && code === 1) {
          expect(program.output).toContain("WARNING - serve_model.main - S3 attempt 1 failed");
        }
        expect(program.output).not.toContain(storage.environment.AWS_SECRET_ACCESS_KEY);
      },
    );
  });

  test("ends in one line on a pinned file that is not a model", async () => {
    const key = await storage.putText("time-to-dispatch_2026-02-01.json", '{"format": "something else"}');
    const program = programs.serve(["--model-key", key]);
    expect(await program.ended()).toBe(2);
    expect(program.output.trim().split("\n")).toHaveLength(2);
    expect(program.output).toContain(`Starting serve-model stage: pinned model s3://${BUCKET}/${key}\n`);
    expect(program.output).toContain(
      `ERROR - serve_model.main - Could not get latest model and start web server - s3://${BUCKET}/${key}`,
    );
  });

  test("ends in one line on a pinned model with other bytes than recorded", async () => {
    const Key = "models/time-to-dispatch_2026-02-02.json";
    const Metadata = { sha256: "0".repeat(64) };
    await storage.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: "{}", Metadata }));
    const program = programs.serve(["--model-key", Key]);
    expect(await program.ended()).toBe(2);
    expect(program.output.trim().split("\n")).toHaveLength(2);
    expect(program.output).toContain(`s3://${BUCKET}/${Key}: damaged: its sha256 is 0`);
  });

  describe("the exit of the program when another server blocks it", () => {
    let other: Server;
    let port = 0;
    beforeAll(async () => {
      // Accepts connections and never answers.
      other = createServer(() => undefined);
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      const address = other.address();
      port = typeof address === "object" && address ? address.port : 0;
    });
    afterAll(() => {
      other.close();
    });

    test("ends in one line when the port is taken", async () => {
      const program = programs.run([BUCKET, "--host", "127.0.0.1", "--port", String(port)]);
      expect(await program.ended()).toBe(1);
      expect(program.output).toContain(`could not listen on 127.0.0.1:${port} - `);
    });

    test("ends at once on a signal while storage does not answer", async () => {
      const program = programs.run([BUCKET], { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` });
      await new Promise<void>((resolve) =>
        other.once("connection", () => {
          resolve();
        }),
      );
      program.kill("SIGTERM");
      expect(await program.ended()).toBe(0);
    });
  });
});
