import { fileURLToPath } from "node:url";
import type { S3Client } from "@aws-sdk/client-s3";
import { runChild } from "@ml-pipelines/test-support/run-child";
import { keysBelow, TestStorage } from "@ml-pipelines/test-support/test-storage";

const PROGRAM = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** The key of every dataset. */
export const DATASET = "datasets/time_to_dispatch_2021-07-01T16|45|38.csv";

/** The output of the program, and how it ended. */
export interface Run {
  /** null if a signal ended it. */
  code: number | null;
  output: string;
}

/** The program, and a real S3 server on loopback for it. */
export class TrainProgram {
  readonly #storage: TestStorage;

  private constructor(storage: TestStorage) {
    this.#storage = storage;
  }

  static async start(): Promise<TrainProgram> {
    return new TrainProgram(await TestStorage.start());
  }

  get client(): S3Client {
    return this.#storage.client;
  }

  /** A bucket of its own for each test, with one dataset or none. */
  bucketWith(csv?: string | Buffer): Promise<string> {
    return this.#storage.bucketWith(csv === undefined ? {} : { [DATASET]: csv });
  }

  /** The text of a bucket's first model. */
  async readModel(bucket: string): Promise<string> {
    const [key = ""] = await this.models(bucket);
    return this.#storage.readText(bucket, key);
  }

  /** The keys of a bucket's models. */
  models(bucket: string): Promise<string[]> {
    return keysBelow(this.client, bucket, "models/");
  }

  /** Run the program, or another copy of it, to its end, or until it prints some words: then SIGTERM stops it. */
  async run(
    args: readonly string[],
    environment: Record<string, string> = {},
    stopAt?: string,
    main = PROGRAM,
  ): Promise<Run> {
    const { code, stdout, stderr } = await runChild(main, args, {
      env: { ...this.#storage.environment, ...environment },
      onOutput: (text, child) => {
        if (stopAt !== undefined && text.includes(stopAt)) {
          child.kill("SIGTERM");
        }
      },
    });
    return { code, output: stdout + stderr };
  }

  stop(): Promise<void> {
    return this.#storage.stop();
  }
}
