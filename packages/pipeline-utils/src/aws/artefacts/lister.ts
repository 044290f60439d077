import type { ListObjectsV2CommandOutput, S3Client } from "@aws-sdk/client-s3";

import { S3AccessError } from "../../errors.js";
import { unquoteEtag } from "../etag.js";
import { addressAt } from "../other-server.js";
import { addressOf } from "./location.js";
import { callS3 } from "./call-s3.js";
import { isUnreadableAnswer } from "../s3-error.js";
import sdk from "../s3-sdk.cjs";

/** An object as listings give it. */
export interface ListedObject {
  readonly key: string;
  /** Without quotes; "" if the server tells none. */
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
      const command = new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
        ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
        ...(continuationToken === undefined ? {} : { ContinuationToken: continuationToken }),
      });
      const address = addressOf(bucket, prefix);
      const answer = await callS3(client, address, signal, async (options) => {
        const found = await client.send(command, options).catch((error: unknown) => {
          throw isUnreadableAnswer(error) ? noListing(client, address, error) : error;
        });
        if (!isListing(found)) {
          throw noListing(client, address);
        }
        return found;
      });
      const next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
      if (answer.IsTruncated === true && (next === undefined || next === continuationToken)) {
        throw cutShort(client, address);
      }
      return {
        objects: (answer.Contents ?? []).flatMap(({ Key, ETag }) =>
          Key === undefined ? [] : [{ key: Key, etag: unquoteEtag(ETag ?? "") }],
        ),
        commonPrefixes: (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []),
        continuationToken: next,
      };
    },
  };
}

/** Every S3 server fills these in, also of an empty bucket; of a web page the SDK makes an empty answer. */
function isListing({ Name, IsTruncated, KeyCount }: ListObjectsV2CommandOutput): boolean {
  return Name !== undefined || IsTruncated !== undefined || KeyCount !== undefined;
}

function noListing(client: S3Client, address: string, cause?: unknown): S3AccessError {
  const message = `${addressAt(client, address)}: the answer is not a listing: is that an S3 server?`;
  return new S3AccessError(message, { cause, retryable: false });
}

/** As by servers that take the request for one of ListObjects, the version before: the latest may be among the keys that are left out. */
function cutShort(client: S3Client, address: string): S3AccessError {
  const message = `${addressAt(client, address)}: the listing is cut short and names no further page: is that an S3 server that knows ListObjectsV2?`;
  return new S3AccessError(message, { retryable: false });
}
