import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import http from "node:http";
import type { Duplex } from "node:stream";
import { isPresigned, isPresignedV2, requestOfPresigned } from "./auth/presigned-url.js";
import { verifyPresignedV2 } from "./auth/signature-v2.js";
import type { Credentials } from "./auth/signature-v4.js";
import { verifySignature } from "./auth/signature-v4.js";
import { errorMessage, hasErrorCode, S3Error } from "./errors.js";
import { readRequest } from "./http/request.js";
import type { S3Response } from "./http/response.js";
import { errorResponse, sendResponse } from "./http/response.js";
import { MAX_PUT_BYTES } from "./operations/operation.js";
import { route } from "./router.js";
import type { Store } from "./store/store.js";

/** How long `stop` waits for requests in flight. */
const STOP_GRACE_MILLISECONDS = 10_000;

/** The HTTP server: it parses a request, verifies the signature, runs the operation, and sends a response. */
export class S3Server {
  readonly #server: http.Server;
  readonly #store: Store;
  readonly #credentials: Credentials;
  #stopping = false;

  constructor(store: Store, credentials: Credentials) {
    this.#store = store;
    this.#credentials = credentials;
    // A large body may take any time to arrive, but the headers may not.
    this.#server = http.createServer({ requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 30_000 });
    this.#server.on("request", (incoming, response) => void this.#answer(incoming, response, false));
    this.#server.on("checkContinue", (incoming: IncomingMessage, response: ServerResponse) => {
      void this.#answer(incoming, response, true);
    });
    this.#server.on("clientError", rejectConnection);
  }

  /**
   * Listen on the loopback interface only.
   *
   * @returns The port.
   * @throws {Error} The port is in use or not permitted.
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

  /** Accept no more requests, and wait for those in flight. After ten seconds, close all connections. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    // close() misses a connection that becomes idle later, which would stay open for its whole timeout.
    const sweep = setInterval(() => {
      this.#server.closeIdleConnections();
    }, 20);
    const deadline = setTimeout(() => {
      this.#server.closeAllConnections();
    }, STOP_GRACE_MILLISECONDS);
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
      const sent = readRequest(incoming, body);
      const isV2 = isPresignedV2(sent);
      const signature = (isV2 ? verifyPresignedV2 : verifySignature)(sent, this.#credentials);
      const request = isV2 || isPresigned(sent) ? requestOfPresigned(sent) : sent;
      if (request.headers.get("x-amz-request-payer") === "requester") {
        response.setHeader("x-amz-request-charged", "requester");
      }
      answer = await route(request)({ store: this.#store, request, signature });
    } catch (error) {
      if (response.destroyed || hasErrorCode(error, "ECONNRESET")) {
        return; // The client has gone.
      }
      answer = errorResponse(
        asS3Error(error, incoming),
        (incoming.url ?? "").replace(/\?.*/s, ""),
        requestId,
      );
    }
    response.on("error", () => undefined); // `sendResponse` reports it.
    try {
      await body.return();
      // A client that waits for "100 Continue" may still send its body, so the connection cannot be used again.
      const unread = !incoming.complete;
      if (this.#stopping || (unread && awaitsContinue)) {
        response.setHeader("connection", "close");
      }
      const requestRead = unread && !awaitsContinue ? discardRest(incoming) : undefined;
      await sendResponse(response, method, answer, requestRead);
    } catch (error) {
      if (!incoming.destroyed && !response.destroyed) {
        console.error(
          `${method} ${incoming.url ?? ""} failed while the response was sent: ${errorMessage(error)}`,
        );
      }
      response.destroy();
    }
  }
}

/** Read the rest of a request, up to the size of the largest allowed body. */
async function discardRest(incoming: IncomingMessage): Promise<void> {
  let size = 0;
  try {
    for await (const piece of incoming) {
      const chunk: unknown = piece;
      size += chunk instanceof Uint8Array ? chunk.length : 0;
      if (size > MAX_PUT_BYTES) {
        return; // Leaving the loop closes the connection.
      }
    }
  } catch {
    // The client has gone.
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

/** Answer malformed HTTP with an S3 error, if the client is still there. */
function rejectConnection(error: Error, socket: Duplex): void {
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

/**
 * The bytes of a request as they arrive. The first read sends "100 Continue" to a client that waits for it.
 * Leaving the loop early keeps the connection open, so that the response can still be sent.
 */
async function* requestBody(
  incoming: IncomingMessage,
  response: ServerResponse,
  awaitsContinue: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (awaitsContinue) {
    response.writeContinue();
  }
  for await (const piece of incoming.iterator({ destroyOnReturn: false })) {
    const chunk: unknown = piece;
    if (chunk instanceof Uint8Array) {
      yield chunk;
    }
  }
}
