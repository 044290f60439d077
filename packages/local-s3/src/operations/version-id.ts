import { queryValue, type S3Request } from "../http/s3-request.js";
import { invalidArgument } from "../invalid-argument.js";

/**
 * The version that a request names. It may go back into a header, so it must fit into one.
 *
 * @throws {S3Error} InvalidArgument.
 */
export function requestedVersionId(request: S3Request): string | undefined {
  const versionId = queryValue(request, "versionId");
  if (versionId !== undefined && !/^[\x21-\x7e]{1,1024}$/.test(versionId)) {
    throw invalidArgument("Invalid version id specified", "versionId", versionId);
  }
  return versionId;
}
