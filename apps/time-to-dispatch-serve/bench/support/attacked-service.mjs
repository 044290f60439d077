import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./contender.mjs";
import { post, ROUTE } from "./post.mjs";

const ORDER = '{"product_code": "SKU001", "orders_placed": 10}';

/** As the image has it; and as Node sets it in a container of 256 MiB, the half of which it takes for its heap. */
export const NODE_OPTIONS = "--max-semi-space-size=4 --max-old-space-size=128";

/** The service in a process of its own, as the image runs it, and what is measured of it. */
export class AttackedService {
  /** @type {import("node:child_process").ChildProcess} */
  #process;
  port;

  /**
   * @param {import("node:child_process").ChildProcess} child
   * @param {number} port
   */
  constructor(child, port) {
    this.#process = child;
    this.port = port;
  }

  /** @param {string} bucket @param {Record<string, string>} [environment] */
  static async start(bucket, environment = {}) {
    const port = await freePort();
    const file = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
    const preload = ["--import", file("loop-delay.mjs")];
    const args = [bucket, "--host", "127.0.0.1", "--port", String(port), "--poll-seconds", "0.2"];
    const child = spawn(process.execPath, [...preload, file("../../dist/main.js"), ...args], {
      env: { ...process.env, NODE_OPTIONS, ACCESS_LOG: "off", ...environment },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const service = new AttackedService(child, port);
    for (let tries = 0; (await service.status("/readyz")) !== 200; tries += 1) {
      if (tries > 600 || child.exitCode !== null) {
        throw new Error("the service did not become ready");
      }
      await pause(50);
    }
    return service;
  }

  get isRunning() {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The longest delay of its event loop since the last call, in ms. */
  async longestDelay() {
    const answer = once(this.#process, "message");
    this.#process.send("delay");
    const [longest] = await answer;
    return Number(longest);
  }

  /** Forget the peak so far. Linux only. */
  resetPeak() {
    writeFileSync(`/proc/${this.#process.pid}/clear_refs`, "5");
  }

  /** The most resident memory since `resetPeak`, in MB. */
  get peakMegabytes() {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, "utf8");
    return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1_024) / 1e6;
  }

  /** The status of an answer on a connection of its own; undefined if there is none within 2 s. @param {string} path */
  async status(path) {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(2_000),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => undefined,
    );
  }

  /** @param {string} path */
  async json(path) {
    return (await fetch(`http://127.0.0.1:${this.port}${path}`)).json();
  }

  /** Ask for single predictions on one connection, one every 10 ms, until the work has ended. @param {Promise<unknown>} work */
  async askBeside(work) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    /** @type {number[]} */
    const latencies = [];
    let failed = 0;
    let isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    ended.catch(() => undefined);
    while (!isOver) {
      const begin = performance.now();
      const status = await post(this.port, ROUTE, ORDER, agent).catch(() => 0);
      latencies.push(performance.now() - begin);
      failed += status === 200 ? 0 : 1;
      await pause(10);
    }
    agent.destroy();
    await ended;
    latencies.sort((a, b) => a - b);
    const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? NaN;
    return { requests: latencies.length, failed, p99 };
  }

  async stop() {
    if (this.isRunning) {
      const ended = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await ended;
    }
  }
}
