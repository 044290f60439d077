import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { expect } from "@jest/globals";
import { bodyOf } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

await conformance("versions", ({ client, newBucket }, check) => {
  const setVersioning = (Bucket: string, Status: "Enabled" | "Suspended") =>
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  const versionedBucket = async (): Promise<string> => {
    const bucket = await newBucket();
    await setVersioning(bucket, "Enabled");
    return bucket;
  };
  const put = async (Bucket: string, Key: string, Body: string): Promise<string> =>
    (await client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId ?? "";
  const get = async (Bucket: string, Key: string, VersionId?: string): Promise<string> =>
    (await bodyOf(await client.send(new GetObjectCommand({ Bucket, Key, VersionId })))).toString();

  check("keeps no versions until versioning is enabled", async () => {
    const Bucket = await newBucket();
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    expect(await put(Bucket, "k", "one")).toBe("");
    await setVersioning(Bucket, "Enabled");
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
    await put(Bucket, "k", "two");
    expect([await get(Bucket, "k"), await get(Bucket, "k", "null")]).toEqual(["two", "one"]);
  });

  check("returns every version by its identifier, and the newest without one", async () => {
    const Bucket = await versionedBucket();
    const one = await put(Bucket, "k", "one");
    const two = await put(Bucket, "k", "two");
    expect(one).not.toBe(two);
    expect([await get(Bucket, "k", one), await get(Bucket, "k", two), await get(Bucket, "k")]).toEqual([
      "one",
      "two",
      "two",
    ]);
  });

  check("lists the newest version first", async () => {
    const Bucket = await versionedBucket();
    const ids = [
      await put(Bucket, "k", "one"),
      await put(Bucket, "k", "two"),
      await put(Bucket, "k", "three"),
    ];
    await put(Bucket, "other", "x");
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "k" }));
    expect(Versions.map(({ VersionId }) => VersionId)).toEqual([...ids].reverse());
    expect(Versions.map(({ IsLatest }) => IsLatest)).toEqual([true, false, false]);
  });

  check("hides an object by a delete marker until the marker is removed", async () => {
    const Bucket = await versionedBucket();
    const id = await put(Bucket, "k", "one");
    const deleted = await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(deleted.DeleteMarker).toBe(true);
    await expectFailure(get(Bucket, "k"), { name: "NoSuchKey", status: 404 });
    expect(await get(Bucket, "k", id)).toBe("one");
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    const { DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(DeleteMarkers).toMatchObject([{ Key: "k", IsLatest: true, VersionId: deleted.VersionId }]);
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: deleted.VersionId }));
    expect(await get(Bucket, "k")).toBe("one");
  });

  check("rejects a get of a delete marker", async () => {
    const Bucket = await versionedBucket();
    await put(Bucket, "k", "one");
    const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    await expectFailure(get(Bucket, "k", VersionId), { name: "MethodNotAllowed", status: 405 });
  });

  check("returns NoSuchVersion for an unknown version", async () => {
    const Bucket = await versionedBucket();
    const first = await put(Bucket, "k", "one");
    await put(Bucket, "k", "two");
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: first }));
    await expectFailure(get(Bucket, "k", first), { name: "NoSuchVersion", status: 404 });
  });

  check("makes the previous version current when the newest is deleted", async () => {
    const Bucket = await versionedBucket();
    await put(Bucket, "k", "one");
    const two = await put(Bucket, "k", "two");
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: two }));
    expect(await get(Bucket, "k")).toBe("one");
  });

  check("replaces only the version null while versioning is suspended", async () => {
    const Bucket = await versionedBucket();
    const kept = await put(Bucket, "k", "kept");
    await setVersioning(Bucket, "Suspended");
    await put(Bucket, "k", "first null");
    await put(Bucket, "k", "second null");
    expect([await get(Bucket, "k"), await get(Bucket, "k", kept)]).toEqual(["second null", "kept"]);
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions.map(({ VersionId }) => VersionId)).toEqual(["null", kept]);
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    await expectFailure(get(Bucket, "k"), { name: "NoSuchKey", status: 404 });
    expect(await get(Bucket, "k", kept)).toBe("kept");
  });

  check("pages versions and delete markers", async () => {
    const Bucket = await versionedBucket();
    const expected: string[] = [];
    for (const key of ["a", "b", "c"]) {
      const versions = [await put(Bucket, key, "1"), await put(Bucket, key, "2")];
      const { VersionId = "" } = await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
      expected.push(...[...versions, VersionId].reverse());
    }
    expect(await pagedVersions(Bucket, 2, async () => undefined)).toEqual(expected);
  });

  check("lists the next page when the page before was deleted", async () => {
    const Bucket = await versionedBucket();
    for (let i = 0; i < 7; i++) {
      await put(Bucket, i % 2 === 0 ? "a" : "b", String(i));
    }
    const seen = await pagedVersions(Bucket, 2, async (Objects) => {
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    });
    expect(seen).toHaveLength(7);
    const { Versions, DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect([Versions, DeleteMarkers]).toEqual([undefined, undefined]);
  });

  const pagedVersions = async (
    Bucket: string,
    MaxKeys: number,
    onPage: (objects: { Key: string | undefined; VersionId: string | undefined }[]) => Promise<void>,
  ): Promise<(string | undefined)[]> => {
    const seen: (string | undefined)[] = [];
    for (let KeyMarker: string | undefined, VersionIdMarker: string | undefined, more = true; more;) {
      const input = { Bucket, MaxKeys, KeyMarker, VersionIdMarker };
      const page = await client.send(new ListObjectVersionsCommand(input));
      const entries = [...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])];
      expect(entries.length).toBeLessThanOrEqual(MaxKeys);
      // The SDK returns markers and versions in two lists. Here, the marker of a key is its newest version.
      entries.sort((a, b) => (a.Key === b.Key ? 0 : (a.Key ?? "") < (b.Key ?? "") ? -1 : 1));
      seen.push(...entries.map(({ VersionId }) => VersionId));
      await onPage(entries.map(({ Key, VersionId }) => ({ Key, VersionId })));
      ({ NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page);
      more = page.IsTruncated === true;
    }
    return seen;
  };
});
