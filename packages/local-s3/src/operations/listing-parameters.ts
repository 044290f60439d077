import { invalidArgument } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue, uriEncodePath } from "../http/request.js";

export interface ListingParameters {
  readonly prefix: string;
  readonly delimiter: string;
  readonly max: number;
  readonly encodingType: string | undefined;
  /** Encodes keys and prefixes for the response. */
  readonly encode: (key: string) => string;
}

/** S3's pages have at most 1,000 entries. */
const MAX_PAGE_ENTRIES = 1000;

/**
 * The query parameters that all listings of keys share.
 *
 * @param maxName - Name of the parameter with the page size: max-keys or max-uploads.
 * @throws {S3Error} InvalidArgument.
 */
export function listingParameters(request: S3Request, maxName: string): ListingParameters {
  const encodingType = queryValue(request, "encoding-type");
  if (encodingType !== undefined && encodingType !== "url") {
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encodingType);
  }
  return {
    prefix: queryValue(request, "prefix") ?? "",
    delimiter: queryValue(request, "delimiter") ?? "",
    max: pageSize(request, maxName),
    encodingType,
    encode: encodingType === undefined ? (key) => key : uriEncodePath,
  };
}

/** @throws {S3Error} InvalidArgument. */
export function pageSize(request: S3Request, name: string, most = MAX_PAGE_ENTRIES): number {
  return parsePageSize(queryValue(request, name) ?? "", name, most);
}

/**
 * Parse the number of entries of a page.
 *
 * @param value - As the request gives it; "" for the default, `most`.
 * @param name - Name of the parameter, for the message.
 * @throws {S3Error} InvalidArgument.
 */
export function parsePageSize(value: string, name: string, most = MAX_PAGE_ENTRIES): number {
  if (value === "") {
    return most;
  }
  if (!/^\d{1,10}$/.test(value) || Number(value) > 0x7fffffff) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, value);
  }
  return Math.min(Number(value), most);
}
