import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, expect } from "@jest/globals";
import { bodyOf, digest, etagOf, someBytes } from "../support/bytes.js";
import { conformance } from "../support/conformance.js";

await conformance("concurrency", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });

  check("returns one whole object to readers while writers overwrite it", async () => {
    const bodies = Array.from({ length: 4 }, (_, i) => someBytes(500_000, i + 1));
    const hashes = bodies.map((body) => digest("md5", body));
    const write = (i: number) =>
      client.send(new PutObjectCommand({ Bucket, Key: "torn", Body: bodies[i % bodies.length]! }));
    await write(0);
    let writing = true;
    const reader = async (): Promise<number> => {
      let reads = 0;
      for (; writing; reads++) {
        const answer = await client.send(new GetObjectCommand({ Bucket, Key: "torn" }));
        const body = await bodyOf(answer);
        expect(hashes).toContain(digest("md5", body));
        expect(answer.ETag).toBe(etagOf(body));
      }
      return reads;
    };
    const readers = Promise.all([reader(), reader(), reader()]);
    for (let i = 1; i < 16; i++) {
      await write(i);
    }
    writing = false;
    expect(Math.min(...(await readers))).toBeGreaterThan(0);
  });

  check("returns an object to its end when it is deleted meanwhile", async () => {
    const body = someBytes(6 * 2 ** 20);
    await new Upload({
      client,
      params: { Bucket, Key: "deleted", Body: body },
      partSize: 5 * 2 ** 20,
    }).done();
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "deleted" }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "deleted" }));
    expect((await bodyOf(answer)).equals(body)).toBe(true);
  });

  check("stores a hundred keys from a hundred writers", async () => {
    const keys = Array.from({ length: 100 }, (_, i) => `many/${String(i).padStart(3, "0")}`);
    await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "many/" }));
    expect(Contents.map(({ Key }) => Key)).toEqual(keys);
  });
});
