import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  paginateListObjectsV2,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { etagOf } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

/** 21 days of 100 parts: more than two pages. */
const keys = Array.from({ length: 21 }, (_, day) =>
  Array.from({ length: 100 }, (_, part) => {
    const date = `2021-${day < 8 ? "06" : "07"}-${String(day + 1).padStart(2, "0")}`;
    return `datasets/time-to-dispatch_${date}/part-${String(part).padStart(4, "0")}.json`;
  }),
).flat();
const july = "datasets/time-to-dispatch_2021-07-";
const julyKeys = keys.filter((key) => key.startsWith(july));

await conformance("listing", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
    const left = [...keys].reverse();
    const writer = async (): Promise<void> => {
      for (let Key = left.pop(); Key !== undefined; Key = left.pop()) {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
      }
    };
    await Promise.all(Array.from({ length: 16 }, writer));
  });

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

  check("2,100 keys come in three pages, ascending", async () => {
    expect(await listAll({})).toEqual({ keys, prefixes: [], pages: 3 });
  });

  check("the SDK's paginator sees every key", async () => {
    const seen: (string | undefined)[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize: 400 }, { Bucket })) {
      seen.push(...Contents.map(({ Key }) => Key));
    }
    expect(seen).toEqual(keys);
  });

  check("a prefix narrows", async () => {
    expect((await listAll({ Prefix: july })).keys).toEqual(julyKeys);
    expect((await listAll({ Prefix: "datasets/none" })).keys).toEqual([]);
  });

  const delimited: readonly (readonly [prefix: string, delimiter: string, prefixes: readonly string[]])[] = [
    ["", "/", ["datasets/"]],
    ["datasets/time-to-dispatch_", "-", ["datasets/time-to-dispatch_2021-"]],
    ["datasets/time-to-dispatch_2021-", "-", ["datasets/time-to-dispatch_2021-06-", july]],
    [july, "-", Array.from({ length: 13 }, (_, i) => `${july}${String(9 + i).padStart(2, "0")}/part-`)],
    [july, "/part-", Array.from({ length: 13 }, (_, i) => `${july}${String(9 + i).padStart(2, "0")}/part-`)],
  ];
  for (const [Prefix, Delimiter, prefixes] of delimited) {
    check(`the delimiter ${Delimiter} after "${Prefix}" rolls up`, async () => {
      expect(await listAll({ Prefix, Delimiter })).toEqual({ keys: [], prefixes, pages: 1 });
    });
  }

  check("common prefixes are paged", async () => {
    const { prefixes, pages } = await listAll({ Prefix: july, Delimiter: "-", MaxKeys: 4 });
    expect(prefixes).toEqual(
      Array.from({ length: 13 }, (_, i) => `${july}${String(9 + i).padStart(2, "0")}/part-`),
    );
    expect(pages).toBe(4);
  });

  check("a page is as small as asked", async () => {
    expect(await listAll({ Prefix: `${july}21`, MaxKeys: 7 })).toEqual({
      keys: keys.slice(-100),
      prefixes: [],
      pages: 15,
    });
  });

  check("max-keys 0 is an empty page, not a truncated one", async () => {
    const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    expect([page.KeyCount, page.IsTruncated]).toEqual([0, false]);
  });

  check("a listing starts after a key, there or not", async () => {
    expect((await listAll({ StartAfter: keys[1900] })).keys).toEqual(keys.slice(1901));
    const StartAfter = `${july}16/zzz`;
    expect((await listAll({ Prefix: july, StartAfter, MaxKeys: 90 })).keys).toEqual(
      julyKeys.filter((key) => key > StartAfter),
    );
    expect((await listAll({ Prefix: july, StartAfter: "a" })).keys).toEqual(julyKeys);
    expect((await listAll({ Prefix: july, StartAfter: "z" })).keys).toEqual([]);
  });

  check("a listing starts after a common prefix", async () => {
    const { prefixes } = await listAll({ Prefix: july, Delimiter: "/", StartAfter: `${july}16/` });
    expect(prefixes).toEqual(["17", "18", "19", "20", "21"].map((day) => `${july}${day}/`));
  });

  check("an entry has size, ETag and time", async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
    expect(Contents[0]).toMatchObject({ Key: keys[0], Size: 1, ETag: etagOf("x"), StorageClass: "STANDARD" });
    expect(Contents[0]?.LastModified).toBeInstanceOf(Date);
  });

  check("the first version of the listing pages by marker", async () => {
    const seen: (string | undefined)[] = [];
    for (let Marker: string | undefined, more = true; more;) {
      const page = await client.send(new ListObjectsCommand({ Bucket, Marker, MaxKeys: 900 }));
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      Marker = page.NextMarker ?? seen.at(-1);
      more = page.IsTruncated === true;
    }
    expect(seen).toEqual(keys);
    const first = await client.send(
      new ListObjectsCommand({ Bucket, Prefix: july, Delimiter: "/", MaxKeys: 5 }),
    );
    expect(first.NextMarker).toBe(`${july}13/`);
    const next = await client.send(
      new ListObjectsCommand({ Bucket, Prefix: july, Delimiter: "/", Marker: first.NextMarker }),
    );
    expect(next.CommonPrefixes?.map(({ Prefix }) => Prefix)[0]).toBe(`${july}14/`);
  });

  check("with encoding-type url, keys are percent-encoded", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "url/ü \n|", Body: "x" }));
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "url/", EncodingType: "url" }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "url/ü \n|" }));
    expect(page.EncodingType).toBe("url");
    const [entry] = page.Contents ?? [];
    expect(decodeURIComponent((entry?.Key ?? "").replaceAll("+", " "))).toBe("url/ü \n|");
    expect(entry?.Key).toMatch(/^url(\/|%2F)%C3%BC/);
  });

  check("a token that was never given is refused", async () => {
    await expectFailure(client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "not a token" })), {
      name: "InvalidArgument",
      status: 400,
    });
  });

  check("a page begun before a deletion goes on after it", async () => {
    const first = await client.send(new ListObjectsV2Command({ Bucket, Prefix: july, MaxKeys: 10 }));
    const last = julyKeys[9]!;
    await client.send(new DeleteObjectCommand({ Bucket, Key: last }));
    const next = await client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: july,
        MaxKeys: 10,
        ContinuationToken: first.NextContinuationToken,
      }),
    );
    await client.send(new PutObjectCommand({ Bucket, Key: last, Body: "x" }));
    expect(next.Contents?.map(({ Key }) => Key)).toEqual(julyKeys.slice(10, 20));
  });
});
