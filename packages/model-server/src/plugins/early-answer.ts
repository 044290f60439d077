import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";

/** Time that a client has to stop sending after an early answer, in ms; as nginx's `lingering_timeout`. */
const LINGER_MS = 5_000;

/**
 * Lets clients receive an answer that is given before their body has arrived, on a connection that closes after it.
 *
 * A connection that is closed with unread bytes is reset, and a client that still sends never sees the answer. The answer is sent at
 * once. Its end, and with it the close, waits until the body is read, and dropped.
 */
export function earlyAnswer(app: FastifyInstance): void {
  app.addHook("onSend", (request, reply, payload, next) => {
    const { raw } = request;
    const isArriving = !raw.complete && !raw.readableEnded && !raw.destroyed;
    const isClosing = reply.getHeader("connection") === "close" || !reply.raw.shouldKeepAlive;
    if (!isArriving || !isClosing || typeof payload !== "string") {
      next(null, payload);
      return;
    }
    reply.header("connection", "close").header("content-length", Buffer.byteLength(payload));
    next(null, Readable.from(answerThenRest(payload, raw)));
  });
}

async function* answerThenRest(payload: string, request: IncomingMessage): AsyncGenerator<string> {
  yield payload;
  const timeout = setTimeout(() => request.destroy(), LINGER_MS);
  await new Promise((resolve) => {
    request.once("end", resolve).once("close", resolve).resume();
  });
  clearTimeout(timeout);
}
