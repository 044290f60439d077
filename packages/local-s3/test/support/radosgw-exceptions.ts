const NO_TRAILERS = "a PUT of a stream returns 411, although it has x-amz-decoded-content-length";
const NO_CHECKSUMS = "neither checks nor stores the checksums of S3's newer headers";
const NO_IF_MATCH = "If-Match on a PUT returns 412 for every ETag";

const NO_ATTRIBUTES = "GetObjectAttributes is taken for GetObject";
const NO_REQUEST_TAGS = "tags of a copy or of an upload are ignored";
const NO_TAG_CHECK = "characters, duplicates and the prefix aws: are not checked";
const OTHER_LIMIT_ERROR = "the error is InvalidTag";
const ONE_STORAGE_CLASS = "there is only STANDARD, unless others are configured";

/** Checks that are skipped on radosgw, and only there. */
interface RadosgwDifference {
  /** As the README says it. */
  readonly summary: string;
  /** The reason of each check, by its name. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Differences of Ceph's radosgw 16.2.15 from S3. */
export const RADOSGW_DIFFERENCES: readonly RadosgwDifference[] = [
  {
    summary: "the checksums of S3's newer headers are neither checked nor stored",
    checks: {
      "stores and returns the SDK's CRC32": NO_CHECKSUMS,
      "checks, stores and returns SHA1": NO_CHECKSUMS,
      "checks, stores and returns SHA256": NO_CHECKSUMS,
      "checks, stores and returns CRC32C": NO_CHECKSUMS,
      "rejects a wrong SHA-256 and stores nothing": NO_CHECKSUMS,
      "returns a composite checksum for a multipart upload": NO_CHECKSUMS,
      "checks, stores and returns CRC64NVME": NO_CHECKSUMS,
      "accepts the composite checksum with its number of parts": NO_CHECKSUMS,
      "accepts the composite checksum without its number of parts": NO_CHECKSUMS,
      "rejects another composite checksum, and keeps the upload": NO_CHECKSUMS,
      "returns the CRC32 of the whole object for an upload that wants it": NO_CHECKSUMS,
      "returns the CRC32C of the whole object for an upload that wants it": NO_CHECKSUMS,
      "returns the CRC64NVME of the whole object for an upload that wants it": NO_CHECKSUMS,
      "rejects a checksum of the whole object by SHA-256, and a composite CRC64NVME": NO_CHECKSUMS,
      "rejects a completion that names another type of checksum than its upload": NO_CHECKSUMS,
      "returns the checksum of a part that is copied": NO_CHECKSUMS,
    },
  },
  {
    summary: "GetObjectAttributes is taken for GetObject",
    checks: {
      "returns the ETag, checksum, storage class and size of an object": NO_ATTRIBUTES,
      "returns only the attributes that are named": NO_ATTRIBUTES,
      "pages the parts of a composite checksum": NO_ATTRIBUTES,
      "returns the number of parts alone when the checksum is of the whole object": NO_ATTRIBUTES,
      "returns the attributes of a version": NO_ATTRIBUTES,
      "rejects attributes that are unknown or missing": NO_ATTRIBUTES,
    },
  },
  {
    summary: "a PUT of a stream with a trailer gets 411",
    checks: {
      "stores a file's stream without its framing": NO_TRAILERS,
      "stores a generated stream of known length completely": NO_TRAILERS,
      "keeps the metadata and the encoding of a stream": NO_TRAILERS,
    },
  },
  {
    summary: "conditions of writes are ignored, or fail for every ETag",
    checks: {
      "rejects a copy when the source has another ETag": "x-amz-copy-source-if-match is ignored",
      "replaces an object only when If-Match is its ETag": NO_IF_MATCH,
      "accepts one of 16 writers with the same If-Match": NO_IF_MATCH,
      "returns NoSuchKey for If-Match when there is no object": NO_IF_MATCH,
      "rejects the completion of an upload with If-None-Match * when the object exists":
        "it replaces the object",
      "creates an object with If-None-Match * when the newest version is a delete marker":
        "If-None-Match is ignored in a versioned bucket",
    },
  },
  {
    summary: "unknown operations and headers are ignored or taken for others",
    checks: {
      "rejects every other operation of the SDK, and changes nothing":
        "it has more operations, and takes unknown ones for others: DeleteBucketMetadataConfiguration deletes the bucket",
      "rejects a header that the operation does not know, and changes nothing":
        "object lock is known, and unknown headers are ignored",
      "rejects user metadata in a request that writes no object": "unknown headers are ignored",
    },
  },
  {
    summary: "tags of copies and uploads are ignored, and characters are not checked",
    checks: {
      "gives a copy the tags of the request when they replace the source's": NO_REQUEST_TAGS,
      "gives a multipart object the tags of its upload": NO_REQUEST_TAGS,
      "returns the version whose tags were read and written": "the responses name no version",
      "rejects more than 10 tags of an object": OTHER_LIMIT_ERROR,
      "rejects more than 50 tags of a bucket": OTHER_LIMIT_ERROR,
      "rejects tags with characters that S3 does not allow": NO_TAG_CHECK,
      "rejects a tag key that starts with aws:": NO_TAG_CHECK,
      "rejects a tag key that is given twice": NO_TAG_CHECK,
      "rejects an invalid tagging header, and stores nothing": NO_TAG_CHECK,
    },
  },
  {
    summary: "part numbers, ETags and lists of parts differ",
    checks: {
      "returns one part and the number of parts": "partNumber is ignored",
      "returns the ETag when an upload is completed": "the ETag of the response is empty",
      "lists uploads and their parts until they are aborted": "a part of an aborted upload returns 500",
      "builds the object from the listed parts only": "a list without an uploaded part is InvalidPart",
      "rejects an invalid list of parts": "sizes are checked before the order",
      "rejects part numbers above 10,000": "there is no limit",
      "stores the copy of a multipart object as a plain object": "the copy keeps the ETag of the parts",
      "answers the second completion of an upload as the first, and writes nothing":
        "the second answer has the ETag without quotes",
      "rejects a copied range beyond the end of the object": "the error is InvalidRange",
    },
  },
  {
    summary: "buckets have no pages, regions or expected owners",
    checks: {
      "lists buckets by prefix, in pages": "there are no pages and no prefix",
      "rejects a page of no buckets": "there are no pages and no prefix",
      "returns no location of a bucket in us-east-1": 'the location is "default"',
      "keeps the region and the tags that a bucket was created with": "regions must be configured",
      "rejects an expected owner other than the bucket's": "the header is ignored",
    },
  },
  {
    summary: "storage classes, requester pays and copies of encrypted objects need settings or are missing",
    checks: {
      "returns the storage class of an object, in its headers and in a listing": ONE_STORAGE_CLASS,
      "rejects a storage class that S3 does not have": "every name is taken",
      "gives a copy the storage class of the request": ONE_STORAGE_CLASS,
      "returns that an object is encrypted with the bucket's key": "the header is ignored",
      "gives a copy the encryption of the request": "copies of encrypted objects are not implemented",
      "returns that the requester is charged":
        "only the policy of a bucket makes it so, and no response says it",
      "rejects another customer's key than the one that an object was written with":
        "the error is InvalidArgument",
      "rejects a customer's key for an object that was written without": "the key is ignored",
    },
  },
  {
    summary: "presigned URLs of tomorrow are accepted",
    checks: {
      "rejects a URL of tomorrow": "it is accepted",
      "rejects a URL that is valid for more than seven days": "the error is AccessDenied",
      "rejects a URL with a parameter of another feature": "torrents are known; the error is InvalidArgument",
    },
  },
  {
    summary: "other errors, limits and versions",
    checks: {
      "copies the bytes and attributes of the source": "the response has the ETag without quotes",
      "rejects a key of more than 1,024 bytes": "the error is InvalidObjectName",
      "rejects an unknown continuation token": "any text is a token: the key to continue after",
      "rejects metadata of more than 2 KB": "it is stored",
      "rejects a get of a delete marker": "it is NoSuchKey, 404",
      "returns NoSuchVersion for an unknown version": "it is NoSuchKey",
      "lists the next page when the page before was deleted":
        "after a deleted version, the other versions of its key are missing",
    },
  },
];

/** The reason why a check is skipped on radosgw, if it is. */
export function radosgwException(check: string): string | undefined {
  return RADOSGW_DIFFERENCES.find(({ checks }) => Object.hasOwn(checks, check))?.checks[check];
}
