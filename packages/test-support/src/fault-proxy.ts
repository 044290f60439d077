import { createServer, request as forward } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The fate of one request on its way to the server, or of its answer on the way back. */
export type Fault =
  | { readonly kind: "pass" }
  /** The answer comes without one of its headers. */
  | { readonly kind: "drop-header"; readonly name: string }
  /** The answer comes with another value of one of its headers. */
  | { readonly kind: "set-header"; readonly name: string; readonly value: string }
  /** The proxy answers in the server's place. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** An answer that never ends: headers, or a body, a little every few milliseconds. */
  | { readonly kind: "drip"; readonly part: "headers" | "body" }
  /** The connection is cut before the request reaches the server. */
  | { readonly kind: "reset" }
  /** The server gets the request and acts on it; its answer is lost. */
  | { readonly kind: "lose-answer" }
  /** Nothing is ever answered. */
  | { readonly kind: "hang" }
  /** The connection is cut after so many bytes of the answer's body. */
  | { readonly kind: "cut-body"; readonly after: number }
  /** After so many bytes of the answer's body nothing more comes. */
  | { readonly kind: "stall-body"; readonly after: number }
  /** The answer's body is another, and its length fits. */
  | { readonly kind: "change-body"; readonly change: (body: Buffer) => Buffer };

export interface ProxiedRequest {
  /** From 1. */
  readonly count: number;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

export interface FaultProxy {
  readonly endpoint: string;
  /** The requests so far, as `GET /bucket/key?x`. */
  readonly requests: string[];
  stop(): Promise<void>;
}

/** Decides the fate of each request. */
export type Decide = (request: ProxiedRequest) => Fault | Promise<Fault>;

/** Does something to some of the requests; `count`, from 1, is of these. */
export function faultOn(
  isHit: (request: ProxiedRequest) => boolean,
  faultOf: (count: number) => Fault | Promise<Fault>,
): Decide {
  let count = 0;
  return (request) => {
    if (!isHit(request)) {
      return { kind: "pass" };
    }
    count += 1;
    return faultOf(count);
  };
}

/** Does something to the first of some requests. */
export function faultOnFirst(
  isHit: (request: ProxiedRequest) => boolean,
  fault: () => Fault | Promise<Fault>,
): Decide {
  return faultOn(isHit, (count) => (count === 1 ? fault() : { kind: "pass" }));
}

/** An HTTP proxy before an S3 server that does to each request what `decide` says. */
export async function startFaultProxy(target: string, decide: Decide): Promise<FaultProxy> {
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    requests.push(`${method} ${decodeURIComponent(url)}`);
    const decision = Promise.resolve(decide({ count: requests.length, method, url, headers }));
    void decision.then((fault) => {
      act(target, fault, incoming, outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function act(target: string, fault: Fault, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url } = incoming;
  switch (fault.kind) {
    case "hang":
      incoming.resume();
      return;
    case "reset":
      incoming.socket.destroy();
      return;
    case "drip":
      incoming.resume();
      drip(incoming, fault.part);
      return;
    case "answer":
      incoming.resume();
      outgoing.writeHead(fault.status, fault.headers);
      outgoing.end(method === "HEAD" ? "" : (fault.body ?? ""));
      return;
  }
  // The headers go on as they are: the signature covers Host.
  const onward = forward(new URL(target), { method, path: url, headers: incoming.headers }, (answer) => {
    const body: Buffer[] = [];
    let sent = 0;
    const isPassed = fault.kind === "pass" || fault.kind === "drop-header" || fault.kind === "set-header";
    if (isPassed || fault.kind === "cut-body" || fault.kind === "stall-body") {
      outgoing.writeHead(answer.statusCode ?? 502, changed(answer.headers, fault));
    }
    answer.on("data", (chunk: Buffer) => {
      if (isPassed) {
        outgoing.write(chunk);
      }
      if (fault.kind === "change-body") {
        body.push(chunk);
      }
      if (fault.kind === "cut-body" || fault.kind === "stall-body") {
        if (sent < fault.after) {
          outgoing.write(chunk.subarray(0, fault.after - sent));
        }
        sent += chunk.length;
        // A little later, so that what was written is on its way.
        if (sent >= fault.after && fault.kind === "cut-body") {
          setTimeout(() => outgoing.destroy(), 20);
        }
      }
    });
    answer.on("end", () => {
      if (fault.kind === "lose-answer") {
        incoming.socket.destroy();
      }
      if (isPassed) {
        outgoing.end();
      }
      if (fault.kind === "change-body") {
        const changed = fault.change(Buffer.concat(body));
        // The server's own checksum is of the bytes that it sent.
        const headers: Record<string, string | string[] | undefined> = {
          ...answer.headers,
          "content-length": String(changed.length),
        };
        delete headers["x-amz-checksum-crc32"];
        delete headers["transfer-encoding"];
        outgoing.writeHead(answer.statusCode ?? 502, headers);
        outgoing.end(changed);
      }
    });
  });
  onward.on("error", () => incoming.socket.destroy());
  incoming.pipe(onward);
}

function changed(headers: IncomingMessage["headers"], fault: Fault): IncomingMessage["headers"] {
  if (fault.kind === "set-header") {
    return { ...headers, [fault.name]: fault.value };
  }
  if (fault.kind !== "drop-header") {
    return headers;
  }
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== fault.name));
}

function drip({ socket }: IncomingMessage, part: "headers" | "body"): void {
  socket.write(`HTTP/1.1 200 OK\r\n${part === "body" ? 'etag: "e"\r\ncontent-length: 100000\r\n\r\n' : ""}`);
  const timer = setInterval(() => socket.write(part === "body" ? " " : "x: y\r\n"), 50);
  socket.on("close", () => {
    clearInterval(timer);
  });
}
