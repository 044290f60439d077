import { generateKeyPairSync } from "node:crypto";

/** A pair of ed25519 keys in PEM, as the variables take them. */
export function keyPair(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

/** Do something under `MODEL_SIGNING_KEY` and `MODEL_PUBLIC_KEYS`, which are unset again after it. */
export async function withKeys<T>(
  { signing, known }: { signing?: string; known?: string },
  act: () => Promise<T>,
): Promise<T> {
  process.env.MODEL_SIGNING_KEY = signing ?? "";
  process.env.MODEL_PUBLIC_KEYS = known ?? "";
  try {
    return await act();
  } finally {
    delete process.env.MODEL_SIGNING_KEY;
    delete process.env.MODEL_PUBLIC_KEYS;
  }
}
