import type { FastifyInstance } from "fastify";

/** Connections without a request are left open so long for the client's next one, in milliseconds. */
const IDLE_GRACE_MS = 2_000;
/** A request under way may take so long after the signal to stop, in milliseconds; Kubernetes waits 30 s. */
const GRACE_MS = 8_000;
/** After the first of these, connections without a request are closed this often, in milliseconds. */
const SWEEP_MS = 100;

/**
 * Stop without an error for clients that behave: new connections are refused from the moment of the call, requests under way and
 * those on connections that are open already are answered and told that the connection closes. Connections that are left
 * without a request after a first time of grace are closed, and what still hangs after a second one is cut off.
 */
export async function stopServing(app: FastifyInstance): Promise<void> {
  const left = new Promise<void>((resolve) => app.server.once("close", resolve));
  app.drain();
  const cut = setTimeout(() => {
    app.server.closeAllConnections();
  }, GRACE_MS);
  let idle: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    idle = setTimeout(resolve, IDLE_GRACE_MS);
  });
  await Promise.race([left, grace]);
  clearTimeout(idle);
  // A connection whose last request is answered only now would be kept for the next one, which is not to come.
  const sweep = setInterval(() => {
    app.closeIdle();
  }, SWEEP_MS);
  await app.close();
  clearInterval(sweep);
  clearTimeout(cut);
}
