// Clients that send what they may, in order to take the service's memory or time. They stay on loopback.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { post, ROUTE } from "./post.mjs";

const BODY_BYTES = 1_040_000;
const ORDER = '{"product_code":"SKU001","orders_placed":1}';
const BATCH = `[${Array.from({ length: 10_000 }, () => ORDER).join()}]`;

/** @param {string} path @param {number} length */
const headOf = (path, length, more = "") =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`;

/** A connection whose end is no news. @param {number} port */
function open(port) {
  const socket = connect(port, "127.0.0.1").on("error", () => socket.destroy());
  return socket;
}

/**
 * Connections that send nearly all of a large body, and then wait.
 *
 * @param {number} port
 * @param {number} count
 * @param {number} seconds
 */
export async function halfSentBodies(port, count, seconds) {
  const bytes = Buffer.from(headOf(`${ROUTE}/batch`, BODY_BYTES) + `[${`${ORDER},`.repeat(23_600)}`);
  const sockets = [];
  for (let index = 0; index < count; index += 1) {
    const socket = open(port);
    socket.write(bytes.subarray(0, BODY_BYTES - 1_000));
    sockets.push(socket);
    // As fast as a client sends that has one thread.
    if (index % 10 === 9) {
      await pause(5);
    }
  }
  await pause(seconds * 1_000);
  sockets.forEach((socket) => socket.destroy());
}

/** Connections that ask once and then idle. @param {number} port @param {number} count */
export async function idleConnections(port, count) {
  /** @type {import("node:net").Socket[]} */
  const sockets = [];
  while (sockets.length < count) {
    const some = Array.from({ length: 100 }, () => open(port));
    await Promise.all(
      some.map(async (socket) => {
        socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
        await once(socket, "data").catch(() => undefined);
      }),
    );
    sockets.push(...some);
  }
  return { close: () => sockets.forEach((socket) => socket.destroy()) };
}

/** The bodies of up to 1 MB that take most time. */
export const WORST_BODIES = {
  "75,000 columns": `[{${Array.from({ length: 75_000 }, (_, index) => `"c${index}":1`).join()}}]`,
  "10,000 rows": BATCH,
  "10,000 wrong rows": `[${Array.from({ length: 10_000 }, () => '{"product_code":"SKU999","orders_placed":-1}').join()}]`,
  "500,000 brackets": "[".repeat(500_000) + "]".repeat(500_000),
  "300,000 empty objects": `[${Array.from({ length: 300_000 }, () => "{}").join()}]`,
  "a text of 1 MB": `["${"é".repeat(500_000)}"]`,
  escapes: `["${String.raw`\u0041`.repeat(170_000)}"]`,
};

/**
 * Clients that send one body again and again, each on its own connection.
 *
 * @param {number} port
 * @param {string} body
 * @param {number} clients
 * @param {number} seconds
 */
export async function repeat(port, body, clients, seconds) {
  const end = performance.now() + seconds * 1_000;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < end) {
        await post(port, `${ROUTE}/batch`, body).catch(() => pause(10));
      }
    }),
  );
}

/** The first line of the answer to a body over the limit, from a client that closes its connection. @param {number} port */
export async function tooLargeAndClose(port, length = 2_000_000) {
  const socket = open(port).setEncoding("utf8");
  let answer = "";
  socket.on("data", (text) => {
    answer += text;
  });
  const closed = once(socket, "close");
  socket.write(headOf(`${ROUTE}/batch`, length, "connection: close\r\n"));
  socket.end(Buffer.alloc(length, " "));
  await closed;
  return answer.split("\r\n", 1)[0] ?? "";
}

/** Model files of 8 MiB that would take most memory, as their `model`. @type {Record<string, () => string>} */
export const WORST_MODELS = {
  objects: () => `[${Array.from({ length: 2_700_000 }, () => "{}").join()}]`,
  brackets: () => "[".repeat(4_100_000) + "]".repeat(4_100_000),
  names: () => `{${Array.from({ length: 500_000 }, (_, index) => `"k${index}":1`).join()}}`,
  "300,000 objects": () => `[${Array.from({ length: 299_000 }, () => "{}").join()}]`,
};
