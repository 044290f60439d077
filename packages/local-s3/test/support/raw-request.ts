import { createHash } from "node:crypto";
import net from "node:net";
import { canonicalRequest, hmacSha256, sha256Hex, signingKey } from "../../src/auth/signature-v4.js";
import { uriEncode } from "../../src/http/request.js";

/** A request that is signed by hand, so that a test can change any part of it before it is sent. */
export interface RawRequest {
  method: string;
  /** Encoded, as in the request line. */
  path: string;
  query: (readonly [name: string, value: string])[];
  headers: Record<string, string>;
  body: Buffer;
}

export interface RawAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
  /** The S3 error's code, if it is an error. */
  readonly code: string | undefined;
}

export const secretAccessKey = "local-secret";

/** A PUT of a small object with a plain body, not signed yet. */
export function rawPut(host: string, path: string, body: string | Buffer): RawRequest {
  const bytes = Buffer.from(body);
  return {
    method: "PUT",
    path,
    query: [],
    headers: {
      host,
      "content-length": String(bytes.length),
      "x-amz-content-sha256": sha256Hex(bytes),
      "x-amz-date": amzDate(new Date()),
    },
    body: bytes,
  };
}

export function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Sign a request with all its headers, or with those that are named. Returns the signature. */
export function sign(request: RawRequest, signedHeaders = Object.keys(request.headers).sort()): string {
  const timestamp = request.headers["x-amz-date"] ?? "";
  const date = timestamp.slice(0, 8);
  const scope = `${date}/us-east-1/s3/aws4_request`;
  const canonical = canonicalRequest(
    {
      method: request.method,
      path: decodeURIComponent(request.path),
      query: request.query,
      headers: new Map(Object.entries(request.headers)),
    },
    signedHeaders,
    request.headers["x-amz-content-sha256"] ?? "",
  );
  const text = ["AWS4-HMAC-SHA256", timestamp, scope, sha256Hex(canonical)].join("\n");
  const signature = hmacSha256(signingKey(secretAccessKey, date, "us-east-1"), text).toString("hex");
  request.headers.authorization = `AWS4-HMAC-SHA256 Credential=local/${scope}, SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
  return signature;
}

/** Give a request a body in signed chunks, and sign it. */
export function signChunks(
  request: RawRequest,
  chunks: readonly string[],
  { trailer }: { trailer?: readonly [name: string, value: string] } = {},
): void {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  request.headers["x-amz-decoded-content-length"] = String(length);
  request.headers["x-amz-content-sha256"] =
    trailer === undefined
      ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
      : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  if (trailer !== undefined) {
    request.headers["x-amz-trailer"] = trailer[0];
  }
  delete request.headers["content-length"];
  let previous = sign(request);
  const timestamp = request.headers["x-amz-date"] ?? "";
  const date = timestamp.slice(0, 8);
  const next = (algorithm: string, hashes: readonly string[]): string => {
    const text = [algorithm, timestamp, `${date}/us-east-1/s3/aws4_request`, previous, ...hashes].join("\n");
    return hmacSha256(signingKey(secretAccessKey, date, "us-east-1"), text).toString("hex");
  };
  let body = "";
  for (const chunk of [...chunks, ""]) {
    previous = next("AWS4-HMAC-SHA256-PAYLOAD", [sha256Hex(""), sha256Hex(chunk)]);
    body += `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}${chunk === "" ? "" : "\r\n"}`;
  }
  if (trailer !== undefined) {
    const line = `${trailer[0]}:${trailer[1]}`;
    body += `${line}\r\nx-amz-trailer-signature:${next("AWS4-HMAC-SHA256-TRAILER", [sha256Hex(`${line}\n`)])}\r\n`;
  }
  request.body = Buffer.from(`${body}\r\n`);
  request.headers["content-length"] = String(request.body.length);
}

export function crc32Trailer(value: Buffer): readonly [string, string] {
  return ["x-amz-checksum-crc32", value.toString("base64")];
}

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** Send a request over a connection of its own. */
export async function send(port: number, request: RawRequest): Promise<RawAnswer> {
  const query = request.query.map(([name, value]) => `${name}=${uriEncode(value)}`).join("&");
  const head = [
    `${request.method} ${request.path}${query === "" ? "" : `?${query}`} HTTP/1.1`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
    "connection: close",
  ];
  return sendBytes(port, Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), request.body]));
}

/** Send bytes, and read until the server closes the connection. */
export async function sendBytes(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("close", () => {
      resolve();
    });
    socket.on("error", reject);
  });
  const text = Buffer.concat(chunks).toString();
  const end = text.indexOf("\r\n\r\n");
  return {
    status: Number(text.slice(9, 12)),
    head: text.slice(0, end),
    body: text.slice(end + 4),
    code: /<Code>(\w+)<\/Code>/.exec(text)?.[1],
  };
}
