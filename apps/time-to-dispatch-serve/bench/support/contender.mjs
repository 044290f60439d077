import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

const TASKSET = "/usr/bin/taskset";

/** Server and load each have a processor of their own where the system can do that. */
const CAN_PIN = spawnSync(TASKSET, ["-c", "0,1", "true"]).status === 0;

/**
 * A command, on one processor where possible.
 *
 * @param {number} processor
 * @param {string[]} command
 */
export const pinned = (processor, command) =>
  CAN_PIN ? [TASKSET, "-c", String(processor), ...command] : command;

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** One server under test. */
export class Contender {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;
  port = 0;

  /**
   * @param {string} name
   * @param {(port: number) => string[]} command
   * @param {Record<string, string>} [environment]
   */
  constructor(name, command, environment = {}) {
    this.name = name;
    this.command = command;
    this.environment = environment;
  }

  get pid() {
    return this.#process?.pid ?? 0;
  }

  /** Start it; milliseconds to the first answer. */
  async start() {
    this.port = await freePort();
    const [program = "", ...args] = pinned(0, this.command(this.port));
    const begin = performance.now();
    const child = spawn(program, args, {
      env: { ...process.env, ...this.environment },
      stdio: ["ignore", "ignore", "ignore"],
    });
    this.#process = child;
    while (!(await this.#answers())) {
      if (child.exitCode !== null) {
        throw new Error(`${this.name} ended with exit code ${child.exitCode}`);
      }
      if (performance.now() - begin > 30_000) {
        throw new Error(`${this.name} did not answer within 30 s`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return performance.now() - begin;
  }

  async #answers() {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/api/v0.1/time_to_dispatch`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"product_code": "SKU001", "orders_placed": 10}',
      });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  async stop() {
    if (!this.#process || this.#process.exitCode !== null) {
      return;
    }
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}
