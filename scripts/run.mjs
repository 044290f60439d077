import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Run a command to its end, its output shown as it comes.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ signal?: AbortSignal | undefined }} [options]
 * @returns {Promise<void>}
 * @throws {Error} The command could not be started, or ended with another exit code than 0.
 */
export function run(command, args, { signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, signal, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("exit", (code, killedBy) => {
      if (code === 0) {
        resolve();
      } else {
        reject(
          new Error(`\`${[command, ...args].join(" ")}\` ended with ${killedBy ?? `exit code ${code}`}`),
        );
      }
    });
  });
}
