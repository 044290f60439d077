import type { FastifyInstance } from "fastify";

/** Time that connections without a request stay open for the client's next one, in ms. */
const IDLE_GRACE_MS = 2_000;
/** Time that a request under way has after the signal to stop, in ms. Kubernetes waits 30 s. */
const GRACE_MS = 8_000;
/** Interval at which idle connections are closed after the first time of grace, in ms. */
const SWEEP_MS = 100;

/**
 * Stop without an error for clients that behave.
 *
 * New connections are refused from the moment of the call. Requests on open connections are answered with `Connection: close`.
 * Idle connections are closed after 2 s. Connections that are still busy after 8 s are cut off.
 */
export async function stopServing(
  app: FastifyInstance,
  { idleGraceMs = IDLE_GRACE_MS, graceMs = GRACE_MS } = {},
): Promise<void> {
  const left = new Promise<void>((resolve) => app.server.once("close", resolve));
  app.drain();
  const cut = setTimeout(() => {
    app.server.closeAllConnections();
  }, graceMs);
  let idle: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    idle = setTimeout(resolve, idleGraceMs);
  });
  await Promise.race([left, grace]);
  clearTimeout(idle);
  // A connection whose last request is answered only now would be kept open for another one.
  const sweep = setInterval(() => {
    app.closeIdle();
  }, SWEEP_MS);
  await app.close();
  clearInterval(sweep);
  clearTimeout(cut);
}
