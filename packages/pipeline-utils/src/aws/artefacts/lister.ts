import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { ListObjectsV2CommandOutput, S3Client } from "@aws-sdk/client-s3";

import { S3AccessError } from "../../errors.js";
import { unquoteEtag } from "../etag.js";
import { compareKeys } from "../timestamped-key.js";
import { addressAt, callS3 } from "./call-s3.js";
import { addressOf } from "./location.js";
import { isUnreadableAnswer } from "../s3-error.js";

/** Limit of pages without keys, one after the other. Servers may send some while they skip deleted objects. */
const MAX_EMPTY_PAGES = 100;

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  /** Without quotes; "" if the server gives none. */
  readonly etag: string;
}

/** One request for a listing. */
export interface ListRequest {
  readonly prefix: string;
  /** Groups keys: those that agree up to the first delimiter after the prefix come as one common prefix. */
  readonly delimiter?: string | undefined;
  /** Only keys after this one, which need not exist. */
  readonly startAfter?: string | undefined;
  /** Token from the previous page. */
  readonly continuationToken?: string | undefined;
}

/** One page: at most 1,000 objects and common prefixes together, each sorted by UTF-8 bytes, ascending. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** Token for the next page; undefined on the last page. */
  readonly continuationToken: string | undefined;
}

/** Lists a bucket as S3 does. */
export interface ObjectLister {
  list(request: ListRequest): Promise<ListPage>;
}

/**
 * List a bucket over S3.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function s3Lister(client: S3Client, bucket: string, signal: AbortSignal | undefined): ObjectLister {
  const ends = new Map<string, ListingEnd>();
  return {
    async list({ prefix, delimiter, startAfter, continuationToken }) {
      const command = new ListObjectsV2Command({
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
      const objects = (answer.Contents ?? []).flatMap(({ Key, ETag }) =>
        Key === undefined ? [] : [{ key: Key, etag: unquoteEtag(ETag ?? "") }],
      );
      const commonPrefixes = (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []);
      const next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
      if (answer.IsTruncated === true && (next === undefined || next === continuationToken)) {
        throw cutShort(client, address);
      }
      if (next !== undefined) {
        const end = addPage(
          [...objects.map(({ key }) => key), ...commonPrefixes],
          ends.get(continuationToken ?? ""),
        );
        if (end === undefined) {
          throw endless(client, address);
        }
        ends.set(next, end);
      }
      return { objects, commonPrefixes, continuationToken: next };
    },
  };
}

/** List all pages of a listing. */
export async function listAll(
  lister: ObjectLister,
  request: Omit<ListRequest, "continuationToken">,
): Promise<Omit<ListPage, "continuationToken">> {
  const objects: ListedObject[] = [];
  const commonPrefixes: string[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await lister.list({ ...request, continuationToken });
    for (const object of page.objects) {
      objects.push(object);
    }
    commonPrefixes.push(...page.commonPrefixes);
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
  return { objects, commonPrefixes };
}

/** How far a listing has come. */
interface ListingEnd {
  /** The greatest key or common prefix so far; "" before the first. */
  readonly last: string;
  /** Number of the latest pages, one after the other, without any key. */
  readonly emptyPages: number;
}

/**
 * Add a page to a listing.
 *
 * @param end - End of the listing before the page; undefined for the first page.
 * @returns undefined if the listing does not advance: S3 lists in ascending order, and a page without keys is rare.
 */
function addPage(
  names: readonly string[],
  end: ListingEnd = { last: "", emptyPages: 0 },
): ListingEnd | undefined {
  const { last, emptyPages } = end;
  if (names.length === 0) {
    return emptyPages < MAX_EMPTY_PAGES ? { last, emptyPages: emptyPages + 1 } : undefined;
  }
  const greatest = names.reduce((a, b) => (compareKeys(a, b) < 0 ? b : a));
  return compareKeys(last, greatest) < 0 ? { last: greatest, emptyPages: 0 } : undefined;
}

/**
 * Every S3 server sets one of these fields, even for an empty bucket. From a web page, the SDK makes an empty answer.
 */
function isListing({ Name, IsTruncated, KeyCount }: ListObjectsV2CommandOutput): boolean {
  return Name !== undefined || IsTruncated !== undefined || KeyCount !== undefined;
}

function noListing(client: S3Client, address: string, cause?: unknown): S3AccessError {
  const message = `${addressAt(client, address)}: the answer is not a listing: is that an S3 server?`;
  return new S3AccessError(message, { cause, retryable: false });
}

/**
 * A server that only knows the older ListObjects cuts a listing short. The latest object may be among the missing ones.
 */
function cutShort(client: S3Client, address: string): S3AccessError {
  const message = `${addressAt(client, address)}: the listing is cut short and names no further page: is that an S3 server that knows ListObjectsV2?`;
  return new S3AccessError(message, { retryable: false });
}

/** A server that answers with further pages for ever. */
function endless(client: S3Client, address: string): S3AccessError {
  const message = `${addressAt(client, address)}: the listing does not end: its pages name no further keys: is that an S3 server that knows ListObjectsV2?`;
  return new S3AccessError(message, { retryable: false });
}
