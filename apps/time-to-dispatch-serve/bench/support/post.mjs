import { once } from "node:events";
import { Agent, request } from "node:http";

export const ROUTE = "/api/v0.1/time_to_dispatch";
const headers = { "content-type": "application/json" };

/**
 * Post JSON to the service on loopback, and read the answer.
 *
 * @param {number} port
 * @param {string} path
 * @param {string} body
 * @returns {Promise<number>} The status.
 */
export async function post(port, path, body, agent = new Agent()) {
  const outgoing = request({ port, host: "127.0.0.1", method: "POST", path, headers, agent });
  outgoing.end(body);
  const [response] = await once(outgoing, "response");
  await response.resume().toArray();
  return response.statusCode;
}
