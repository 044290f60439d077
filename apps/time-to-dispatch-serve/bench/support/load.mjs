// Load from a process of its own: as many connections as asked for, on each one request after the other.
// usage: node load.mjs PORT CONNECTIONS SECONDS      prints {"requests", "failed", "p50", "p99"}, in milliseconds
import { connect } from "node:net";

const [port = 0, connections = 1, seconds = 1] = process.argv.slice(2).map(Number);
const requests = Array.from({ length: 100 }, (_, index) => {
  const body = JSON.stringify({ product_code: `SKU00${1 + (index % 5)}`, orders_placed: index * 2 });
  return Buffer.from(
    `POST /api/v0.1/time_to_dispatch HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
});
/** @type {number[]} */
const latencies = [];
let failed = 0;
const end = performance.now() + seconds * 1_000;

/** Whether the bytes hold a whole response, and how it begins. */
function isWhole(/** @type {string} */ text) {
  const head = text.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)/i.exec(text);
  return head > 0 && length !== null && text.length >= head + 4 + Number(length[1]);
}

function run(/** @type {number} */ offset) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let [sent, text, at] = [offset, "", 0];
    const next = () => {
      if (performance.now() >= end) {
        return resolve(socket.destroy());
      }
      at = performance.now();
      text = "";
      socket.write(requests[sent++ % requests.length] ?? "");
    };
    socket.setNoDelay(true).setEncoding("latin1").on("connect", next);
    socket.on("data", (chunk) => {
      text += chunk;
      if (!isWhole(text)) {
        return;
      }
      latencies.push(performance.now() - at);
      if (!text.startsWith("HTTP/1.1 200")) {
        failed += 1;
      }
      next();
    });
    socket.on("error", () => {
      failed += 1;
      resolve(undefined);
    });
  });
}

await Promise.all(Array.from({ length: connections }, (_, index) => run(index)));
latencies.sort((a, b) => a - b);
const quantile = (/** @type {number} */ q) => latencies[Math.floor(latencies.length * q)] ?? NaN;
console.log(JSON.stringify({ requests: latencies.length, failed, p50: quantile(0.5), p99: quantile(0.99) }));
