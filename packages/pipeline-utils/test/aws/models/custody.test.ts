import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";

import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  getLatestModelFromS3,
  getModelFromS3,
  Model,
  ModelIntegrityError,
  signModel,
} from "@ml-pipelines/pipeline-utils/aws";
import type { JsonObject, JsonValue } from "@ml-pipelines/pipeline-utils/aws";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { canonicalJson } from "../../../src/aws/models/canonical-json.js";
import { constant, properties } from "../../support/constant-model.js";
import { keyPair, withKeys } from "../../support/signing.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const alice = keyPair();
const bob = keyPair();
const KEY = "models/time-to-dispatch_2021-07-20T14:44:13.558Z.json";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const idOf = (publicKey: string): string => {
  const spki = createPublicKey(publicKey).export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
};

const without = (file: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(file).filter(([name]) => !names.includes(name)));

async function putModel(signing?: string): Promise<{ bucket: string; text: string; file: JsonObject }> {
  const bucket = await s3.bucket();
  const options = { bucket, folder: "models", client: s3.client };
  await withKeys({ ...(signing === undefined ? {} : { signing }) }, () =>
    new Model(properties).putModelToS3(options),
  );
  const text = await readText(bucket);
  return { bucket, text, file: JSON.parse(text) as JsonObject };
}

async function readText(bucket: string): Promise<string> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: KEY }));
  return (await Body?.transformToString()) ?? "";
}

const load = (bucket: string, known?: string): Promise<Model<unknown>> =>
  withKeys({ ...(known === undefined ? {} : { known }) }, () =>
    getModelFromS3(constant, bucket, KEY, { client: s3.client }),
  );

describe("the content hash of a model's file", () => {
  test.each<[string, (file: JsonObject) => JsonValue]>([
    ["a metric", (file) => ({ ...file, metadata: { rSquared: 0.999 } })],
    ["the commit", (file) => ({ ...file, pipelineGitCommitHash: "0".repeat(40) })],
    ["the time of creation", (file) => ({ ...file, creationTime: "2021-07-20T14:44:13.559Z" })],
    ["the dataset", (file) => ({ ...file, trainDataset: { bucket: "b", key: "c", hash: "d" } })],
    ["a bound of a feature", (file) => ({ ...file, features: [] })],
    ["a field that this version does not know", (file) => ({ ...file, approvedBy: "me" })],
    ["the hash itself", (file) => ({ ...file, contentHash: "0".repeat(64) })],
  ])("rejects a file in which somebody changed %s", async (_, change) => {
    const { bucket, file } = await putModel();
    await putPlain(s3.client, bucket, KEY, JSON.stringify(change(file)));
    await expect(load(bucket)).rejects.toThrow(ModelIntegrityError);
    await expect(load(bucket)).rejects.toThrow(
      /^s3:\/\/\S+: the file says [0-9a-f]{64}, its content's hash is [0-9a-f]{64} \(content hash\)$/,
    );
  });

  test("passes another encoding of the same content, and a file of an older version without it", async () => {
    const { bucket, file } = await putModel();
    const reversed = Object.fromEntries(Object.entries(file).reverse());
    await putPlain(s3.client, bucket, KEY, JSON.stringify(reversed, undefined, 4));
    expect((await load(bucket)).name).toBe("time-to-dispatch");
    await putPlain(s3.client, bucket, KEY, JSON.stringify(without(file, ["contentHash"])));
    expect((await load(bucket)).name).toBe("time-to-dispatch");
  });
});

describe("the signature of a model's file", () => {
  test("signs the canonical JSON of all but the signature, under the id of the key", async () => {
    const { file } = await putModel(alice.privateKey);
    const { signedBy, ...signed } = file;
    expect(signedBy).toEqual({ keyId: idOf(alice.publicKey), ed25519: expect.any(String) as unknown });
    const { ed25519 } = signedBy as { ed25519: string };
    const message = Buffer.from(canonicalJson(signed));
    expect(verify(null, message, alice.publicKey, Buffer.from(ed25519, "base64"))).toBe(true);
  });

  test("loads what one of several keys signed, in any encoding", async () => {
    const { bucket, file } = await putModel(alice.privateKey);
    const both = `${bob.publicKey}\n${alice.publicKey}`;
    expect((await load(bucket, both)).name).toBe("time-to-dispatch");
    await putPlain(s3.client, bucket, KEY, JSON.stringify(file, undefined, 1));
    expect((await load(bucket, both)).name).toBe("time-to-dispatch");
    expect((await load(bucket)).name).toBe("time-to-dispatch");
  });

  test("rejects an unsigned model, also as the latest", async () => {
    const { bucket } = await putModel();
    const expected = `the model is unsigned, expected a signature by key ${idOf(alice.publicKey)} (signature)`;
    await expect(load(bucket, alice.publicKey)).rejects.toThrow(expected);
    const latest = withKeys({ known: alice.publicKey }, () =>
      getLatestModelFromS3(constant, bucket, { folder: "models", client: s3.client }),
    );
    await expect(latest).rejects.toThrow(expected);
  });

  test("rejects a model of an unknown key by the ids", async () => {
    const { bucket } = await putModel(bob.privateKey);
    await expect(load(bucket, alice.publicKey)).rejects.toThrow(
      `the model is signed by key ${idOf(bob.publicKey)}, expected one of ${idOf(alice.publicKey)}`,
    );
  });

  test("rejects a changed file whose content hash was made to fit", async () => {
    const { bucket, file } = await putModel(alice.privateKey);
    const content = { ...without(file, ["contentHash", "signedBy"]), approvedBy: "me" };
    const contentHash = createHash("sha256").update(canonicalJson(content)).digest("hex");
    const changed = { ...content, contentHash, signedBy: file.signedBy };
    await putPlain(s3.client, bucket, KEY, JSON.stringify(changed));
    await expect(load(bucket, alice.publicKey)).rejects.toThrow("is of another content (signature)");
    expect((await load(bucket)).name).toBe("time-to-dispatch");
  });

  const { privateKey: rsa, publicKey: rsaPublic } = generateKeyPairSync("rsa", {
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });

  test.each([
    ["no PEM", "secret"],
    ["a private key", alice.privateKey],
    ["a key and a truncated one", `${alice.publicKey}\n-----BEGIN PUBLIC KEY-----\nMCow`],
    ["a key of another kind", rsaPublic],
  ])("rejects every model when the public keys are %s", async (_, known) => {
    const { bucket } = await putModel(alice.privateKey);
    await expect(load(bucket, known)).rejects.toThrow(ModelIntegrityError);
    await expect(load(bucket, known)).rejects.toThrow(/^MODEL_PUBLIC_KEYS is not ed25519 public keys in PEM/);
  });

  test.each([
    ["no PEM", "secret"],
    ["a public key", alice.publicKey],
    ["a key of another kind", rsa],
  ])("writes no model when the signing key is %s", async (_, signing) => {
    const put = putModel(signing);
    await expect(put).rejects.toThrow(ModelIntegrityError);
    await expect(put).rejects.toThrow(
      /^MODEL_SIGNING_KEY is not an ed25519 private key in PEM(: a key is rsa)?$/,
    );
  });
});

describe("signModel", () => {
  const sign = (bucket: string, signing?: string) =>
    withKeys({ ...(signing === undefined ? {} : { signing }) }, () =>
      signModel(bucket, KEY, { client: s3.client }),
    );

  test("signs a file that is there, and one of an older version", async () => {
    const { bucket, file } = await putModel();
    const older = { ...without(file, ["contentHash"]), later: { b: 1, a: [] } };
    await putPlain(s3.client, bucket, KEY, JSON.stringify(older));
    await expect(load(bucket, alice.publicKey)).rejects.toThrow("unsigned");
    const { key, etag } = await sign(bucket, alice.privateKey);
    expect(key).toBe(KEY);
    expect(JSON.parse(await readText(bucket))).toMatchObject(older);
    expect((await load(bucket, alice.publicKey)).name).toBe("time-to-dispatch");
    await getModelFromS3(constant, bucket, KEY, { client: s3.client, etag });
  });

  test("replaces the signature of an earlier key", async () => {
    const { bucket } = await putModel(alice.privateKey);
    await sign(bucket, bob.privateKey);
    expect((await load(bucket, bob.publicKey)).name).toBe("time-to-dispatch");
    await expect(load(bucket, alice.publicKey)).rejects.toThrow("signed by key");
  });

  test("rejects a file that was changed by hand, and a missing key", async () => {
    const { bucket, file } = await putModel();
    await expect(sign(bucket)).rejects.toThrow("MODEL_SIGNING_KEY is not set, so the model cannot be signed");
    await putPlain(s3.client, bucket, KEY, JSON.stringify({ ...file, pipelineGitCommitHash: "x" }));
    await expect(sign(bucket, alice.privateKey)).rejects.toThrow(
      "a file that was changed by hand is not signed",
    );
    await putPlain(s3.client, bucket, KEY, JSON.stringify({ ...file, modelHash: "x" }));
    await expect(sign(bucket, alice.privateKey)).rejects.toThrow(ModelIntegrityError);
  });
});
