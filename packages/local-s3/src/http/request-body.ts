import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The bytes of a request as they come. Reading them is what tells a client that waits for "100 Continue" to send them;
 * leaving them does not close the connection, so that the answer can still be sent.
 */
export async function* requestBody(
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
