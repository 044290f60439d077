import { createHash } from "node:crypto";

import { MAX_KEY_BYTES } from "../location.js";

/** The key of the claim to a key: `KEY.claim`, or what of the key leaves room for its sha256 if that would be too long for S3. */
export function claimKey(key: string): string {
  const claim = `${key}.claim`;
  if (Buffer.byteLength(claim) <= MAX_KEY_BYTES) {
    return claim;
  }
  const end = `.${createHash("sha256").update(key).digest("hex")}.claim`;
  const room = Buffer.from(key).subarray(0, MAX_KEY_BYTES - end.length);
  // As of a stream, so that what is cut in the middle of a character is left out.
  return new TextDecoder().decode(room, { stream: true }) + end;
}
