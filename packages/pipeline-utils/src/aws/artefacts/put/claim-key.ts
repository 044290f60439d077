import { createHash } from "node:crypto";

import { MAX_KEY_BYTES } from "../location.js";

/**
 * The key of the claim (lock object) for a key: `KEY.claim`. If that is too long for S3, the key is cut and its sha256
 * added.
 */
export function claimKey(key: string): string {
  const claim = `${key}.claim`;
  if (Buffer.byteLength(claim) <= MAX_KEY_BYTES) {
    return claim;
  }
  const end = `.${createHash("sha256").update(key).digest("hex")}.claim`;
  const room = Buffer.from(key).subarray(0, MAX_KEY_BYTES - end.length);
  // In streaming mode, the decoder leaves out a character that the cut has split.
  return new TextDecoder().decode(room, { stream: true }) + end;
}
