import { Server } from "node:net";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** From now on, at once: no new connection, and every answer says that its connection closes. Requests are still answered. */
    drain(): void;
    /** Close the connections on which no request is under way, and those on which nothing was ever sent. */
    closeIdle(): void;
  }
}

/** Makes clients leave their open connections by themselves before the service stops. */
export function draining(app: FastifyInstance): void {
  let isDraining = false;
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.decorate("drain", () => {
    isDraining = true;
    // Not that of node:http, which cuts off idle connections: the next request may be on its way on one of them.
    Server.prototype.close.call(app.server);
  });
  app.decorate("closeIdle", () => {
    app.server.closeIdleConnections();
    // For Node these are not idle, but late with their first request: load balancers and browsers open some in advance.
    for (const socket of sockets) {
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
  });
  // Fastify's own header is only on answers to requests that come in after the shutdown has begun.
  app.addHook("onSend", (_request, reply, payload, next) => {
    if (isDraining) {
      reply.header("connection", "close");
    }
    next(null, payload);
  });
}
