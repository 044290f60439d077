import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A connection takes about 15 kB. */
const MAX_CONNECTIONS = 2_000;

/**
 * Bounds the connections of a server, so that a new one still gets in.
 *
 * Beyond the limit the connection that has been idle for longest is closed. Where none is idle, it is the oldest one whose request has
 * not arrived yet. Only where all requests are being answered, the new one is closed.
 */
export function connectionLimit(server: Server): void {
  /** The request under way on each connection; undefined for an idle one. In the order in which they became idle. */
  const connections = new Map<Socket, IncomingMessage | undefined>();

  function closeOldest(isDispensable: (request: IncomingMessage | undefined) => boolean): boolean {
    for (const [socket, request] of connections) {
      if (isDispensable(request)) {
        connections.delete(socket);
        socket.destroy();
        return true;
      }
    }
    return false;
  }

  server.on("connection", (socket: Socket) => {
    const isFull = connections.size >= MAX_CONNECTIONS;
    if (isFull && !closeOldest((request) => !request) && !closeOldest((request) => !request?.complete)) {
      socket.destroy();
      return;
    }
    connections.set(socket, undefined);
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    connections.set(socket, request);
    response.once("close", () => {
      // On a pipelined connection, the next request is under way already.
      if (connections.get(socket) === request) {
        connections.delete(socket);
        connections.set(socket, undefined);
      }
    });
  });
}
