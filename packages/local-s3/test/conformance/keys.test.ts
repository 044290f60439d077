import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { bodyOf } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

/** Names that file systems, URLs or XML could change. */
const oddKeys = [
  "odd/a:b|c.json",
  "odd/with space/x y.json",
  "odd/ leading and trailing ",
  "odd/plus+and%25pct.txt",
  "odd/percent%2Fencoded",
  "odd/ünï-日本-😀.bin",
  "odd/\uffee after the surrogates in UTF-16, before them in UTF-8",
  "odd/é composed",
  "odd/e\u0301 decomposed",
  "odd/q?&=#~!*'()@,;$.json",
  "odd/run|2021-07-01T00:00:00.000Z|model.json",
  "odd/back\\slash",
  'odd/<x>"q"&amp;.txt',
  "odd/]]>",
  "odd/..dots/.hidden",
  "odd/con",
  "odd/tab\tand\nnewline",
];

/** Names that would lead out of a folder if they were paths. */
const hostileKeys = [
  "hostile/../../../../etc/escaped",
  "hostile/./././x",
  "hostile//double//slash/",
  "../up",
  "..",
  ".",
  "//",
  "/leading/slash",
  "hostile/..\\..\\up",
  "C:\\windows",
  "__proto__",
  "constructor",
  "lock",
  "journal.jsonl",
  "blobs/00/00",
];

await conformance("keys", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });
  const put = (Key: string, Body: string | Uint8Array) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const get = async (Key: string): Promise<string> =>
    (await bodyOf(await client.send(new GetObjectCommand({ Bucket, Key })))).toString();
  const list = async (Prefix: string) => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.map(({ Key = "" }) => Key);
  };

  for (const key of oddKeys) {
    check(`keeps the key ${JSON.stringify(key)} unchanged`, async () => {
      await put(key, `value of ${key}`);
      expect(await get(key)).toBe(`value of ${key}`);
    });
  }

  check("lists unusual keys unchanged, in the order of their UTF-8 bytes", async () => {
    for (const key of oddKeys) {
      await put(key, "x");
    }
    const inOrder = oddKeys
      .map((key) => Buffer.from(key))
      .sort((a, b) => Buffer.compare(a, b))
      .map(String);
    expect(await list("odd/")).toEqual(inOrder);
  });

  for (const key of hostileKeys) {
    check(`treats the key ${JSON.stringify(key)} as a name, not as a path`, async () => {
      await put(key, `value of ${key}`);
      expect(await get(key)).toBe(`value of ${key}`);
      expect(await list(key)).toContain(key);
      await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
      await expectFailure(client.send(new HeadObjectCommand({ Bucket, Key: key })), { status: 404 });
    });
  }

  check("stores an object and a folder of the same name", async () => {
    await put("both/x", "1");
    await put("both/x/y", "2");
    await put("both/x/", new Uint8Array());
    expect([await get("both/x"), await get("both/x/y"), await get("both/x/")]).toEqual(["1", "2", ""]);
    expect(await list("both/")).toEqual(["both/x", "both/x/", "both/x/y"]);
  });

  check("distinguishes upper and lower case", async () => {
    await put("case/A", "A");
    await put("case/a", "a");
    expect([await get("case/A"), await get("case/a")]).toEqual(["A", "a"]);
  });

  check("rejects a key of more than 1,024 bytes", async () => {
    const longest = `long/${"k".repeat(1019)}`;
    await put(longest, "1");
    expect(await get(longest)).toBe("1");
    await expectFailure(put(`${longest}k`, "1"), { name: "KeyTooLongError", status: 400 });
    await expectFailure(put(`long/${"ü".repeat(510)}`, "1"), { name: "KeyTooLongError", status: 400 });
  });
});
