import type { IncomingMessage } from "node:http";
import { S3Error } from "../errors.js";

/** A parsed request. Nothing in it has been verified yet. */
export interface S3Request {
  readonly method: string;
  /** Decoded, with its leading slash. */
  readonly path: string;
  /** "" for the service itself. */
  readonly bucket: string;
  /** "" for a bucket. */
  readonly key: string;
  /** Decoded names and values, in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** By name in lower case. Repeated headers are joined with commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncIterable<Uint8Array, void>;
}

/**
 * Parse a request. Its path is not normalised, because `..` and `//` are ordinary characters in a key.
 *
 * @throws {S3Error} InvalidURI.
 */
export function readRequest(incoming: IncomingMessage, body: AsyncIterable<Uint8Array, void>): S3Request {
  const url = incoming.url ?? "";
  if (!url.startsWith("/")) {
    throw invalidUri(url);
  }
  const queryStart = url.indexOf("?");
  const path = decodeUri(queryStart < 0 ? url : url.slice(0, queryStart), url);
  const keyStart = path.indexOf("/", 1);
  return {
    method: incoming.method ?? "",
    path,
    bucket: keyStart < 0 ? path.slice(1) : path.slice(1, keyStart),
    key: keyStart < 0 ? "" : path.slice(keyStart + 1),
    query: queryStart < 0 ? [] : readQuery(url.slice(queryStart + 1), url),
    headers: readHeaders(incoming.rawHeaders),
    body,
  };
}

/** The first value of a query parameter; "" if it has none. */
export function queryValue(request: S3Request, name: string): string | undefined {
  return request.query.find(([candidate]) => candidate === name)?.[1];
}

function readQuery(text: string, url: string): (readonly [string, string])[] {
  return text
    .split("&")
    .filter((parameter) => parameter !== "")
    .map((parameter) => {
      const spaced = parameter.replaceAll("+", " ");
      const equals = spaced.indexOf("=");
      return equals < 0
        ? ([decodeUri(spaced, url), ""] as const)
        : ([decodeUri(spaced.slice(0, equals), url), decodeUri(spaced.slice(equals + 1), url)] as const);
    });
}

function readHeaders(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    const value = (raw[i + 1] ?? "").trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

function decodeUri(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw invalidUri(url, error);
  }
}

function invalidUri(url: string, cause?: unknown): S3Error {
  return new S3Error("InvalidURI", `Couldn't parse the specified URI: ${url.slice(0, 200)}`, { cause });
}

/**
 * Percent-encode as AWS does: everything except letters, digits and `-._~`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Percent-encode a path, except for its slashes. */
export function uriEncodePath(path: string): string {
  return path.split("/").map(uriEncode).join("/");
}
