const NO_TRAILERS = "a PUT of a stream returns 411, although it has x-amz-decoded-content-length";
const NO_CHECKSUMS = "neither checks nor stores the checksums of S3's newer headers";
const NO_IF_MATCH = "If-Match on a PUT returns 412 for every ETag";

/**
 * Differences of Ceph's radosgw 16.2.15 from S3: the names of the checks that are skipped there, and only there, and
 * the reason of each.
 */
export const RADOSGW_EXCEPTIONS: Readonly<Record<string, string>> = {
  "stores a file's stream without its framing": NO_TRAILERS,
  "stores a generated stream of known length completely": NO_TRAILERS,
  "keeps the metadata and the encoding of a stream": NO_TRAILERS,
  "copies the bytes and attributes of the source": "the response has the ETag without quotes",
  "rejects a copy when the source has another ETag": "x-amz-copy-source-if-match is ignored",
  "replaces an object only when If-Match is its ETag": NO_IF_MATCH,
  "accepts one of 16 writers with the same If-Match": NO_IF_MATCH,
  "returns NoSuchKey for If-Match when there is no object": NO_IF_MATCH,
  "rejects the completion of an upload with If-None-Match * when the object exists": "it replaces the object",
  "creates an object with If-None-Match * when the newest version is a delete marker":
    "If-None-Match is ignored in a versioned bucket",
  "rejects a key of more than 1,024 bytes": "the error is InvalidObjectName",
  "rejects an unknown continuation token": "any text is a token: the key to continue after",
  "returns one part and the number of parts": "partNumber is ignored",
  "returns the ETag when an upload is completed": "the ETag of the response is empty",
  "lists uploads and their parts until they are aborted": "a part of an aborted upload returns 500",
  "builds the object from the listed parts only": "a list without an uploaded part is InvalidPart",
  "rejects an invalid list of parts": "sizes are checked before the order",
  "rejects part numbers above 10,000": "there is no limit",
  "stores the copy of a multipart object as a plain object": "the copy keeps the ETag of the parts",
  "rejects metadata of more than 2 KB": "it is stored",
  "stores and returns the SDK's CRC32": NO_CHECKSUMS,
  "checks, stores and returns SHA1": NO_CHECKSUMS,
  "checks, stores and returns SHA256": NO_CHECKSUMS,
  "checks, stores and returns CRC32C": NO_CHECKSUMS,
  "rejects a wrong SHA-256 and stores nothing": NO_CHECKSUMS,
  "returns a composite checksum for a multipart upload": NO_CHECKSUMS,
  "rejects a get of a delete marker": "it is NoSuchKey, 404",
  "returns NoSuchVersion for an unknown version": "it is NoSuchKey",
  "lists the next page when the page before was deleted":
    "after a deleted version, the other versions of its key are missing",
};
