import { createHash, sign, verify } from "node:crypto";

import { canonicalJson } from "./canonical-json.js";
import type { JsonObject } from "./json-value.js";
import type { PublicKeys, SigningKey } from "./signing-keys.js";

/** Who signed a model's file. */
export interface ModelSignature {
  /** The first 16 hex digits of the sha256 of the public key's SPKI form. */
  readonly keyId: string;
  /** The signature in base64. */
  readonly ed25519: string;
}

/** The fields of a model's file that prove the others. */
export interface Custody {
  /** Sha256, in hex, of the canonical JSON of everything else in the file, except `signedBy`. */
  readonly contentHash: string | undefined;
  readonly signedBy: ModelSignature | undefined;
}

/** A whole model's file, as parsed, with the canonical JSON of its model. */
export interface SealedContent extends Custody {
  readonly fields: JsonObject;
  readonly modelJson: string;
}

/** The result of one check of a stored model. */
export interface VerificationCheck {
  readonly name:
    | "model hash"
    | "content hash"
    | "signature"
    | "alias"
    | "dataset present"
    | "dataset version"
    | "dataset hash"
    | "dataset bytes";
  /**
   * `not covered`: the file has nothing to check, as files of older versions, or no key was given to check it with. It
   * is no fault.
   */
  readonly status: "ok" | "failed" | "not covered";
  /** The expected and the found value, on one line with the address. */
  readonly detail: string;
}

/**
 * Make the fields that prove a model's file.
 *
 * @param fields - All other fields of the file. The value of `model` is not read.
 * @param modelJson - The model's canonical JSON.
 */
export function seal(fields: JsonObject, modelJson: string, key: SigningKey | undefined): Custody {
  const contentHash = hashContent(fields, modelJson);
  if (key === undefined) {
    return { contentHash, signedBy: undefined };
  }
  const message = signedText({ ...fields, contentHash }, modelJson);
  const ed25519 = sign(null, Buffer.from(message), key.key).toString("base64");
  return { contentHash, signedBy: { keyId: key.keyId, ed25519 } };
}

/** Check the content hash of a model's file, if it has one. */
export function checkContentHash(
  { fields, modelJson, contentHash }: SealedContent,
  address: string,
): VerificationCheck {
  if (contentHash === undefined) {
    const detail = `${address}: the file is of an older version and has no contentHash`;
    return { name: "content hash", status: "not covered", detail };
  }
  const found = hashContent(fields, modelJson);
  const detail = `${address}: the file says ${contentHash}, its content's hash is ${found}`;
  return { name: "content hash", status: found === contentHash ? "ok" : "failed", detail };
}

/**
 * Check the signature of a model's file.
 *
 * @param keys - The keys that may have signed it. undefined: it may be unsigned, and a signature is not checked.
 */
export function checkSignature(
  { fields, modelJson, signedBy }: SealedContent,
  keys: PublicKeys | undefined,
  address: string,
): VerificationCheck {
  const check = (status: VerificationCheck["status"], detail: string): VerificationCheck => ({
    name: "signature",
    status,
    detail: `${address}: ${detail}`,
  });
  if (keys === undefined) {
    const signer = signedBy === undefined ? "the model is unsigned" : `signed by key ${signedBy.keyId}`;
    return check("not covered", `${signer}; there is no public key to check it with`);
  }
  const known = [...keys.keys()].join(", ");
  if (signedBy === undefined) {
    return check("failed", `the model is unsigned, expected a signature by key ${known}`);
  }
  const key = keys.get(signedBy.keyId);
  if (key === undefined) {
    return check("failed", `the model is signed by key ${signedBy.keyId}, expected one of ${known}`);
  }
  const signature = Buffer.from(signedBy.ed25519, "base64");
  const isGood = verify(null, Buffer.from(signedText(fields, modelJson)), key, signature);
  return isGood
    ? check("ok", `signed by key ${signedBy.keyId}`)
    : check("failed", `the signature by key ${signedBy.keyId} is of another content`);
}

function hashContent(fields: JsonObject, modelJson: string): string {
  const text = canonicalFile(fields, modelJson, ["contentHash", "signedBy"]);
  return createHash("sha256").update(text).digest("hex");
}

/**
 * The text that is signed. It is canonical, so that two encodings of one document, such as with spaces or without, have
 * one signature.
 */
function signedText(fields: JsonObject, modelJson: string): string {
  return canonicalFile(fields, modelJson, ["signedBy"]);
}

/** The canonical JSON of a model's file without some of its fields. The model is large, so its text is used as it is. */
function canonicalFile(fields: JsonObject, modelJson: string, left: readonly string[]): string {
  const rest = Object.entries(fields).filter(([name]) => name !== "model" && !left.includes(name));
  const texts = rest.map(([name, value]): [string, string] => [name, canonicalJson(value)]);
  texts.push(["model", modelJson]);
  // By UTF-16 units, as RFC 8785 orders names.
  texts.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${texts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}
