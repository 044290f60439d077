import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LocalS3 } from "@ml-pipelines/local-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import type { RawRequest } from "./raw-request.js";
import { rawPut, send, sign } from "./raw-request.js";

/** A local-s3 with one empty bucket, `bucket`, for requests that are built by hand. */
export class RawServer {
  readonly #server: LocalS3;

  private constructor(server: LocalS3) {
    this.#server = server;
  }

  static async start(): Promise<RawServer> {
    const directory = await mkdtemp(path.join(tmpdir(), "local-s3-"));
    return new RawServer(await startLocalS3({ directory, buckets: ["bucket"] }));
  }

  get port(): number {
    return this.#server.port;
  }

  /** The folder of its store. */
  get directory(): string {
    return this.#server.directory;
  }

  /** A request that puts an object, not signed yet. */
  put(body: string | Buffer = "hello", key = "k"): RawRequest {
    return rawPut(`127.0.0.1:${this.port}`, `/bucket/${key}`, body);
  }

  /** `200`, or the status and the error's code. */
  async outcome(request: RawRequest): Promise<string> {
    const { status, code } = await send(this.port, request);
    return `${status} ${code ?? ""}`.trim();
  }

  /** The content of an object, or the error's code. */
  async stored(key = "k"): Promise<string> {
    const { status, body, code } = await send(this.port, signed({ ...this.put("", key), method: "GET" }));
    return status === 200 ? body : (code ?? String(status));
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#server.directory, { recursive: true });
  }
}

/** Sign a request, and return it. */
export function signed(request: RawRequest): RawRequest {
  sign(request);
  return request;
}
