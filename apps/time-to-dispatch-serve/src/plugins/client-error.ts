import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is no HTTP request, or does not arrive in time, as other errors are answered, and closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // A client that went away is not there to be answered.
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_CODE[error.code ?? ""] ?? 400;
  const body = JSON.stringify({ detail: STATUS_CODES[status] });
  const response =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
    `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
  // Ended alone, it would stay open for as long as the client likes.
  socket.end(response, () => {
    socket.destroy();
  });
}
