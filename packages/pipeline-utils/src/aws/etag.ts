import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";

/** An ETag without the quotes in which listings and headers give it. */
export function unquoteEtag(etag: string): string {
  return etag.replace(/^"(.*)"$/, "$1");
}

/** Whether an ETag has the form of an MD5; under SSE-KMS and SSE-C it is none all the same. */
export function isMd5Etag(etag: string): boolean {
  return /^[0-9a-f]{32}$/.test(etag);
}

/** The number of parts that a multipart upload's ETag states; undefined for another ETag. */
export function partsOfEtag(etag: string): number | undefined {
  const parts = /^[0-9a-f]{32}-(\d{1,5})$/.exec(etag)?.[1];
  return parts === undefined ? undefined : Number(parts);
}

/**
 * The ETag of a multipart upload: the MD5 of its parts' binary MD5s one after the other, then `-` and their number.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export function multipartEtag(partMd5s: readonly Uint8Array[]): string {
  const hash = createHash("md5");
  for (const md5 of partMd5s) {
    hash.update(md5);
  }
  return `${hash.digest("hex")}-${partMd5s.length}`;
}

/** What {@link BodyHasher} computes; each costs time, so none is computed in vain. */
export interface WantedHashes {
  readonly sha256: boolean;
  /** `whole` for an object put in one piece, else the size of its parts in bytes. */
  readonly md5: "whole" | "none" | { readonly partSize: number };
}

/** Hashes a body while it streams past. */
export class BodyHasher {
  readonly #sha256: Hash | undefined;
  readonly #partSize: number;
  #md5: Hash | undefined;
  #bytesOfPart = 0;
  readonly #partMd5s: Uint8Array[] = [];

  constructor(wanted: WantedHashes) {
    this.#sha256 = wanted.sha256 ? createHash("sha256") : undefined;
    this.#md5 = wanted.md5 === "none" ? undefined : createHash("md5");
    this.#partSize = typeof wanted.md5 === "object" ? wanted.md5.partSize : Infinity;
  }

  update(bytes: Uint8Array): void {
    this.#sha256?.update(bytes);
    let rest = bytes;
    while (this.#md5 !== undefined && rest.length > 0) {
      const head = rest.subarray(0, this.#partSize - this.#bytesOfPart);
      this.#md5.update(head);
      this.#bytesOfPart += head.length;
      rest = rest.subarray(head.length);
      if (this.#bytesOfPart === this.#partSize) {
        this.#endPart();
      }
    }
  }

  #endPart(): void {
    if (this.#md5 === undefined) {
      return;
    }
    this.#partMd5s.push(this.#md5.digest());
    this.#md5 = createHash("md5");
    this.#bytesOfPart = 0;
  }

  /** The sha256 in hex and the ETag, where they were wanted. Call once, at the end. */
  digest(): { sha256: string | undefined; etag: string | undefined } {
    const sha256 = this.#sha256?.digest("hex");
    if (this.#md5 === undefined) {
      return { sha256, etag: undefined };
    }
    if (this.#partSize === Infinity) {
      return { sha256, etag: this.#md5.digest("hex") };
    }
    if (this.#bytesOfPart > 0) {
      this.#endPart();
    }
    return { sha256, etag: multipartEtag(this.#partMd5s) };
  }
}
