import type { ListObjectsV2CommandInput } from "@aws-sdk/client-s3";
import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { etagOf } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

/** 11 days of 100 parts: more than one page. */
const KEYS = Array.from({ length: 11 }, (_, day) =>
  Array.from({ length: 100 }, (_, part) => {
    const date = `2021-${day < 2 ? "06" : "07"}-${String(day + 1).padStart(2, "0")}`;
    return `datasets/time-to-dispatch_${date}/part-${String(part).padStart(4, "0")}.json`;
  }),
).flat();
const JULY = "datasets/time-to-dispatch_2021-07-";
const JULY_KEYS = KEYS.filter((key) => key.startsWith(JULY));
/** The common prefixes of July, 3 to 11. */
const JULY_PARTS = Array.from({ length: 9 }, (_, i) => `${JULY}${String(3 + i).padStart(2, "0")}/part-`);

await conformance("listing", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
    const left = [...KEYS].reverse();
    const writer = async (): Promise<void> => {
      for (let Key = left.pop(); Key !== undefined; Key = left.pop()) {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
      }
    };
    await Promise.all(Array.from({ length: 16 }, writer));
    // On a busy machine, the 5 s of processor time for 1,100 puts may take minutes.
  }, 180_000);

  const listAll = async (input: Omit<ListObjectsV2CommandInput, "Bucket">) => {
    const all = { keys: [] as (string | undefined)[], prefixes: [] as (string | undefined)[], pages: 0 };
    for (let ContinuationToken: string | undefined, more = true; more;) {
      const page = await client.send(new ListObjectsV2Command({ Bucket, ...input, ContinuationToken }));
      const { Contents = [], CommonPrefixes = [] } = page;
      expect(page.KeyCount).toBe(Contents.length + CommonPrefixes.length);
      expect(page.KeyCount).toBeLessThanOrEqual(input.MaxKeys ?? 1000);
      all.keys.push(...Contents.map(({ Key }) => Key));
      all.prefixes.push(...CommonPrefixes.map(({ Prefix }) => Prefix));
      all.pages++;
      ContinuationToken = page.NextContinuationToken;
      more = page.IsTruncated === true;
      expect(ContinuationToken !== undefined).toBe(more);
    }
    return all;
  };

  check("returns 1,100 keys in two pages, ascending", async () => {
    expect(await listAll({})).toEqual({ keys: KEYS, prefixes: [], pages: 2 });
  });

  check("returns every key to the SDK's paginator", async () => {
    const seen: (string | undefined)[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize: 400 }, { Bucket })) {
      seen.push(...Contents.map(({ Key }) => Key));
    }
    expect(seen).toEqual(KEYS);
  });

  check("returns only the keys with the prefix", async () => {
    expect((await listAll({ Prefix: JULY })).keys).toEqual(JULY_KEYS);
    expect((await listAll({ Prefix: "datasets/none" })).keys).toEqual([]);
  });

  const delimited: readonly (readonly [prefix: string, delimiter: string, prefixes: readonly string[]])[] = [
    ["", "/", ["datasets/"]],
    ["datasets/time-to-dispatch_", "-", ["datasets/time-to-dispatch_2021-"]],
    ["datasets/time-to-dispatch_2021-", "-", ["datasets/time-to-dispatch_2021-06-", JULY]],
    [JULY, "-", JULY_PARTS],
    [JULY, "/part-", JULY_PARTS],
  ];
  for (const [Prefix, Delimiter, prefixes] of delimited) {
    check(`rolls up keys by the delimiter ${Delimiter} after "${Prefix}"`, async () => {
      expect(await listAll({ Prefix, Delimiter })).toEqual({ keys: [], prefixes, pages: 1 });
    });
  }

  check("pages common prefixes", async () => {
    const { prefixes, pages } = await listAll({ Prefix: JULY, Delimiter: "-", MaxKeys: 4 });
    expect(prefixes).toEqual(JULY_PARTS);
    expect(pages).toBe(3);
  });

  check("returns pages of the requested size", async () => {
    expect(await listAll({ Prefix: `${JULY}11`, MaxKeys: 7 })).toEqual({
      keys: KEYS.slice(-100),
      prefixes: [],
      pages: 15,
    });
  });

  check("returns an empty page, not a truncated one, when max-keys is 0", async () => {
    const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    expect([page.KeyCount, page.IsTruncated]).toEqual([0, false]);
  });

  check("starts after a key, whether it exists or not", async () => {
    expect((await listAll({ StartAfter: KEYS[900] })).keys).toEqual(KEYS.slice(901));
    const StartAfter = `${JULY}06/zzz`;
    expect((await listAll({ Prefix: JULY, StartAfter, MaxKeys: 90 })).keys).toEqual(
      JULY_KEYS.filter((key) => key > StartAfter),
    );
    expect((await listAll({ Prefix: JULY, StartAfter: "a" })).keys).toEqual(JULY_KEYS);
    expect((await listAll({ Prefix: JULY, StartAfter: "z" })).keys).toEqual([]);
  });

  check("starts after a common prefix", async () => {
    const { prefixes } = await listAll({ Prefix: JULY, Delimiter: "/", StartAfter: `${JULY}06/` });
    expect(prefixes).toEqual(["07", "08", "09", "10", "11"].map((day) => `${JULY}${day}/`));
  });

  check("returns size, ETag and time of an entry", async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
    expect(Contents[0]).toMatchObject({ Key: KEYS[0], Size: 1, ETag: etagOf("x"), StorageClass: "STANDARD" });
    expect(Contents[0]?.LastModified).toBeInstanceOf(Date);
  });

  check("pages the first version of the listing by marker", async () => {
    const seen: (string | undefined)[] = [];
    for (let Marker: string | undefined, more = true; more;) {
      const page = await client.send(new ListObjectsCommand({ Bucket, Marker, MaxKeys: 400 }));
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      Marker = page.NextMarker ?? seen.at(-1);
      more = page.IsTruncated === true;
    }
    expect(seen).toEqual(KEYS);
    const first = await client.send(
      new ListObjectsCommand({ Bucket, Prefix: JULY, Delimiter: "/", MaxKeys: 5 }),
    );
    expect(first.NextMarker).toBe(`${JULY}07/`);
    const next = await client.send(
      new ListObjectsCommand({ Bucket, Prefix: JULY, Delimiter: "/", Marker: first.NextMarker }),
    );
    expect(next.CommonPrefixes?.map(({ Prefix }) => Prefix)[0]).toBe(`${JULY}08/`);
  });

  check("percent-encodes keys when encoding-type is url", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "url/ü \n|", Body: "x" }));
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "url/", EncodingType: "url" }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "url/ü \n|" }));
    expect(page.EncodingType).toBe("url");
    const [entry] = page.Contents ?? [];
    expect(decodeURIComponent((entry?.Key ?? "").replaceAll("+", " "))).toBe("url/ü \n|");
    expect(entry?.Key).toMatch(/^url(\/|%2F)%C3%BC/);
  });

  check("rejects an unknown continuation token", async () => {
    await expectFailure(client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "not a token" })), {
      name: "InvalidArgument",
      status: 400,
    });
  });

  check("continues after the last key when it was deleted meanwhile", async () => {
    const first = await client.send(new ListObjectsV2Command({ Bucket, Prefix: JULY, MaxKeys: 10 }));
    const last = JULY_KEYS[9]!;
    await client.send(new DeleteObjectCommand({ Bucket, Key: last }));
    const next = await client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: JULY,
        MaxKeys: 10,
        ContinuationToken: first.NextContinuationToken,
      }),
    );
    await client.send(new PutObjectCommand({ Bucket, Key: last, Body: "x" }));
    expect(next.Contents?.map(({ Key }) => Key)).toEqual(JULY_KEYS.slice(10, 20));
  });
});
