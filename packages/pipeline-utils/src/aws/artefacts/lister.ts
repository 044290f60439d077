import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";

import { unquoteEtag } from "../etag.js";
import { addressOf } from "./location.js";
import { callS3 } from "./call-s3.js";

/** An object as listings give it. */
export interface ListedObject {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
}

/** One request for a listing. */
export interface ListRequest {
  readonly prefix: string;
  /** Keys that share what stands before its first occurrence after the prefix come as one common prefix. */
  readonly delimiter?: string | undefined;
  /** Only keys after this one, which need not exist. */
  readonly startAfter?: string | undefined;
  /** Of the page before. */
  readonly continuationToken?: string | undefined;
}

/** One answer: at most 1,000 objects and common prefixes together, each kind in ascending order of UTF-8 bytes. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** For the next page; undefined on the last. */
  readonly continuationToken: string | undefined;
}

/** Whatever can list a bucket as S3 does. */
export interface ObjectLister {
  list(request: ListRequest): Promise<ListPage>;
}

/**
 * List a bucket over S3.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function s3Lister(client: S3Client, bucket: string, signal: AbortSignal | undefined): ObjectLister {
  return {
    async list({ prefix, delimiter, startAfter, continuationToken }) {
      const answer = await callS3(addressOf(bucket, prefix), signal, (options) =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
            ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
            ...(continuationToken === undefined ? {} : { ContinuationToken: continuationToken }),
          }),
          options,
        ),
      );
      return {
        objects: (answer.Contents ?? []).flatMap(({ Key, ETag }) =>
          Key === undefined ? [] : [{ key: Key, etag: unquoteEtag(ETag ?? "") }],
        ),
        commonPrefixes: (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []),
        continuationToken: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
      };
    },
  };
}
