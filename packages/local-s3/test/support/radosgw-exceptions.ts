const noTrailers = "a stream's PUT answers 411, though x-amz-decoded-content-length is there";
const noSums = "does not keep the checksums of S3's newer headers, nor check them";
const noIfMatch = "If-Match on a PUT answers 412 whatever the ETag";

/** What S3 does and Ceph's radosgw 16.2.15 does not: the checks' names, and why each is skipped there, and only there. */
export const radosgwExceptions: Readonly<Record<string, string>> = {
  "a file's stream is stored without its framing": noTrailers,
  "a generated stream of known length is stored whole": noTrailers,
  "a stream keeps its metadata and its encoding": noTrailers,
  "a copy has the bytes and attributes of its source": "a copy's answer has the ETag without quotes",
  "a copy is conditional on its source's ETag": "x-amz-copy-source-if-match is not looked at",
  "If-Match replaces the object it names only": noIfMatch,
  "of 16 writers with the same If-Match one wins": noIfMatch,
  "If-Match where there is no object is NoSuchKey": noIfMatch,
  "completing a multipart upload with If-None-Match * never replaces": "it replaces",
  "If-None-Match * creates where a delete marker is on top":
    "If-None-Match is not looked at in a versioned bucket",
  "a key has 1,024 bytes at most": "the error is InvalidObjectName",
  "a token that was never given is refused": "any text is a token: the key to go on behind",
  "one part can be got, and tells how many there are": "partNumber is not looked at",
  "completing answers with the ETag": "the ETag of the answer is empty",
  "uploads and their parts are listed until aborted": "a part of an aborted upload answers 500",
  "only the parts listed make the object": "a part left out makes the list InvalidPart",
  "a list of parts that is wrong is refused": "sizes are checked before the order",
  "part numbers end at 10,000": "they do not end",
  "a copy of a multipart object is a plain one": "the copy keeps the ETag of the parts",
  "metadata beyond 2 KB is refused": "it is kept",
  "the SDK's CRC32 is kept and sent back": noSums,
  "SHA1 is checked, kept and sent back": noSums,
  "SHA256 is checked, kept and sent back": noSums,
  "CRC32C is checked, kept and sent back": noSums,
  "a wrong SHA-256 is refused, and nothing stored": noSums,
  "a multipart upload has a composite checksum": noSums,
  "a delete marker cannot be got": "it is NoSuchKey, 404",
  "a version that never was is NoSuchVersion": "it is NoSuchKey",
  "a bucket is emptied page by page, each page deleted before the next is asked for":
    "behind a version that was deleted, the rest of its key is left out",
};
