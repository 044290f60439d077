import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { ModelIntegrityError } from "../../errors.js";

/** A private key that signs models. */
export interface SigningKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** Public keys that models may be signed with, by their id. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g;

/** Hex digits of a key's id. Enough to tell the keys of a team apart; the signature itself is the proof. */
const KEY_ID_DIGITS = 16;

/**
 * The key that signs models when they are put: that of `MODEL_SIGNING_KEY`.
 *
 * @returns undefined if the variable is unset or empty. Models are then not signed.
 * @throws {ModelIntegrityError} The variable is no ed25519 private key in PEM. The message never contains its value.
 */
export function readSigningKey(): SigningKey | undefined {
  const { MODEL_SIGNING_KEY: pem = "" } = process.env;
  if (pem.trim() === "") {
    return undefined;
  }
  const key = parseKey(() => createPrivateKey(pem), "MODEL_SIGNING_KEY", "an ed25519 private key in PEM");
  return { key, keyId: keyIdOf(createPublicKey(key)) };
}

/**
 * The public keys that models must be signed with: those of `MODEL_PUBLIC_KEYS`.
 *
 * @param pem - One or more keys in PEM, one after the other. Default: the variable.
 * @param source - Where the text is from, for messages.
 * @returns undefined if the text is empty. Models may then be unsigned.
 * @throws {ModelIntegrityError} The text has no key, or one that is no ed25519 public key. Nothing is then accepted.
 */
export function readPublicKeys(
  pem = process.env.MODEL_PUBLIC_KEYS ?? "",
  source = "MODEL_PUBLIC_KEYS",
): PublicKeys | undefined {
  if (pem.trim() === "") {
    return undefined;
  }
  const expected = "ed25519 public keys in PEM, one after the other";
  const blocks = pem.match(PUBLIC_KEY) ?? [];
  // A truncated key, or one of another kind, must not be passed over.
  if (blocks.length === 0 || pem.replaceAll(PUBLIC_KEY, "").includes("-----")) {
    throw new ModelIntegrityError(`${source} is not ${expected}`);
  }
  const keys = blocks.map((block) => parseKey(() => createPublicKey(block), source, expected));
  return new Map(keys.map((key) => [keyIdOf(key), key]));
}

function parseKey(parse: () => KeyObject, source: string, expected: string): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch (error) {
    throw new ModelIntegrityError(`${source} is not ${expected}`, { cause: error });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    const found = key.asymmetricKeyType ?? "of an unknown type";
    throw new ModelIntegrityError(`${source} is not ${expected}: a key is ${found}`);
  }
  return key;
}

/** The id of a public key: the first 16 hex digits of the sha256 of its SPKI form. */
function keyIdOf(key: KeyObject): string {
  const spki = key.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, KEY_ID_DIGITS);
}
