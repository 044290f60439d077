import { STATUS_CODES } from "node:http";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ServiceMetrics } from "../metrics/service-metrics.js";
import type { ModelHolder } from "../model/model-holder.js";
import { headersOfUnread } from "./request-context.js";

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export type ClientErrorHandler = (error: Error & { code?: string }, socket: Socket) => void;

/**
 * Answer malformed or late requests with the usual error body, then close the connection.
 *
 * Hooks see no such request. It is counted here, without a time.
 */
export function clientErrorHandler(holder: ModelHolder, metrics: ServiceMetrics): ClientErrorHandler {
  return (error, socket) => {
    // A client that went away is not there to be answered.
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = STATUS_OF_CODE[error.code ?? ""] ?? 400;
    metrics.observeUnread(status);
    answerAndClose(socket, status, headersOfUnread(holder.current));
  };
}

/** Reject CONNECT, for which Node emits no request event: this server is no proxy. */
export function refuseConnect(server: Server, holder: ModelHolder, metrics: ServiceMetrics): void {
  server.on("connect", (_request, socket) => {
    socket.on("error", () => socket.destroy());
    metrics.observeUnread(405);
    answerAndClose(socket, 405, { ...headersOfUnread(holder.current), allow: "" });
  });
}

function answerAndClose(socket: Duplex, status: number, headers: Record<string, string>): void {
  const body = JSON.stringify({ detail: STATUS_CODES[status] });
  const lines = Object.entries({
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-length": body.length,
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  // Ended alone, it would stay open for as long as the client likes.
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`, () => {
    socket.destroy();
  });
}
