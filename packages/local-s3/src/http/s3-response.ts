import type { BlobStream } from "../store/blobs.js";

export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** XML, or the bytes of an object (Content-Length is then among the headers). */
  readonly body?: string | BlobStream;
}

export function xmlResponse(body: string, headers: Readonly<Record<string, string>> = {}): S3Response {
  return { status: 200, headers, body };
}
