import { randomBytes } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Credentials, verifySignature } from "../auth/verify-signature.js";
import { errorMessage, hasErrorCode } from "../error-message.js";
import { requestBody } from "../http/request-body.js";
import { readRequest } from "../http/s3-request.js";
import type { S3Response } from "../http/s3-response.js";
import { errorResponse, sendResponse } from "../http/send-response.js";
import { maxPutBytes } from "../operations/limits.js";
import { S3Error } from "../s3-error.js";
import type { Store } from "../store/store.js";
import { route } from "./route.js";

/** How long requests in flight may take to end once the server is told to stop. */
const graceMilliseconds = 10_000;

/** The HTTP side: takes requests, has the operation done, sends the answer, whatever happens. */
export class S3Server {
  readonly #server: http.Server;
  readonly #store: Store;
  readonly #credentials: Credentials;
  #stopping = false;

  constructor(store: Store, credentials: Credentials) {
    this.#store = store;
    this.#credentials = credentials;
    // A large body may take its time; a client that sends no headers may not.
    this.#server = http.createServer({ requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 30_000 });
    this.#server.on("request", (incoming, response) => void this.#answer(incoming, response, false));
    this.#server.on("checkContinue", (incoming: IncomingMessage, response: ServerResponse) => {
      void this.#answer(incoming, response, true);
    });
    this.#server.on("clientError", refuseConnection);
  }

  /**
   * Listen on the loopback interface, never on another.
   *
   * @returns The port.
   * @throws {Error} The port is taken or not permitted.
   */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error): void => {
        const reason = hasErrorCode(error, "EADDRINUSE") ? "the port is in use" : errorMessage(error);
        reject(new Error(`cannot listen on 127.0.0.1:${port}: ${reason}`, { cause: error }));
      };
      this.#server.once("error", fail);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.off("error", fail);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Take no more requests, let those in flight end, and break off what has not ended after ten seconds. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    // A kept connection may become idle only after close() has looked, and would then stay for its whole timeout.
    const sweep = setInterval(() => {
      this.#server.closeIdleConnections();
    }, 20);
    const deadline = setTimeout(() => {
      this.#server.closeAllConnections();
    }, graceMilliseconds);
    await closed;
    clearInterval(sweep);
    clearTimeout(deadline);
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Promise<void> {
    const requestId = randomBytes(8).toString("hex").toUpperCase();
    const method = incoming.method ?? "";
    const body = requestBody(incoming, response, awaitsContinue);
    response.setHeader("server", "local-s3");
    response.setHeader("x-amz-request-id", requestId);
    let answer: S3Response;
    try {
      const request = readRequest(incoming, body);
      const signature = verifySignature(request, this.#credentials);
      answer = await route(request)({ store: this.#store, request, signature });
    } catch (error) {
      if (response.destroyed || hasErrorCode(error, "ECONNRESET")) {
        return; // The client has gone; nobody is there to answer.
      }
      answer = errorResponse(
        asS3Error(error, incoming),
        (incoming.url ?? "").replace(/\?.*/s, ""),
        requestId,
      );
    }
    response.on("error", () => undefined); // It is seen where the answer is sent.
    try {
      await body.return();
      // Told not to go on, a client may send its body all the same or not: the connection is of no more use.
      const unread = !incoming.complete;
      if (this.#stopping || (unread && awaitsContinue)) {
        response.setHeader("connection", "close");
      }
      const requestRead = unread && !awaitsContinue ? discardRest(incoming) : undefined;
      await sendResponse(response, method, answer, requestRead);
    } catch (error) {
      if (!incoming.destroyed && !response.destroyed) {
        console.error(`${method} ${incoming.url ?? ""} was broken off: ${errorMessage(error)}`);
      }
      response.destroy();
    }
  }
}

/** Read what is left of a request, up to the largest body there may be. */
async function discardRest(incoming: IncomingMessage): Promise<void> {
  let size = 0;
  try {
    for await (const piece of incoming) {
      const chunk: unknown = piece;
      size += chunk instanceof Uint8Array ? chunk.length : 0;
      if (size > maxPutBytes) {
        return; // Leaving the loop closes the connection.
      }
    }
  } catch {
    // The client has gone, and with it the need to read.
  }
}

function asS3Error(error: unknown, incoming: IncomingMessage): S3Error {
  if (error instanceof S3Error) {
    return error;
  }
  console.error(`${incoming.method ?? ""} ${incoming.url ?? ""} failed: ${errorMessage(error)}`);
  return new S3Error("InternalError", "We encountered an internal error. Please try again.", {
    cause: error,
  });
}

/** What is no HTTP gets an answer all the same, as far as there is someone to read it. */
function refuseConnection(error: Error, socket: Duplex): void {
  if (!socket.writable || hasErrorCode(error, "ECONNRESET")) {
    socket.destroy();
    return;
  }
  const s3Error = hasErrorCode(error, "HPE_HEADER_OVERFLOW")
    ? new S3Error(
        "RequestHeaderSectionTooLarge",
        "Your request header section exceeds the maximum allowed size",
      )
    : hasErrorCode(error, "ERR_HTTP_REQUEST_TIMEOUT")
      ? new S3Error("RequestTimeout", "Your socket connection to the server was not read from in time.")
      : new S3Error("BadRequest", "An error occurred when parsing the HTTP request.");
  const { status, body = "" } = errorResponse(s3Error, "", "");
  const text = typeof body === "string" ? body : "";
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ""}\r\nContent-Type: application/xml\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
