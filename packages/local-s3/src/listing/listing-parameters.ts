import { queryValue, type S3Request } from "../http/s3-request.js";
import { invalidArgument } from "../invalid-argument.js";
import { uriEncodePath } from "../uri-encode.js";

export interface ListingParameters {
  readonly prefix: string;
  readonly delimiter: string;
  readonly max: number;
  readonly encodingType: string | undefined;
  /** How keys and prefixes are written into the answer. */
  readonly encode: (key: string) => string;
}

/** S3's pages hold a thousand entries at most. */
const maxPage = 1000;

/**
 * @param maxName - The parameter that bounds a page: max-keys, max-uploads, max-parts.
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
export function pageSize(request: S3Request, name: string): number {
  const value = queryValue(request, name) ?? "";
  if (value === "") {
    return maxPage;
  }
  if (!/^\d{1,10}$/.test(value) || Number(value) > 0x7fffffff) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, value);
  }
  return Math.min(Number(value), maxPage);
}
