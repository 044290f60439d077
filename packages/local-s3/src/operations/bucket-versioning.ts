import { receiveXml } from "../body/receive-xml.js";
import { type S3Response, xmlResponse } from "../http/s3-response.js";
import { versioningStates } from "../store/model.js";
import { childText, malformed } from "../xml/parse-xml.js";
import { element, xmlDocument } from "../xml/write-xml.js";
import type { OperationContext } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export async function getBucketVersioning({ store, request }: OperationContext): Promise<S3Response> {
  const { versioning } = store.bucket(request.bucket);
  return xmlResponse(xmlDocument("VersioningConfiguration", [element("Status", versioning)]));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export async function putBucketVersioning({
  store,
  request,
  signature,
}: OperationContext): Promise<S3Response> {
  store.bucket(request.bucket);
  const document = await receiveXml(request, signature, "VersioningConfiguration");
  const status = childText(document, "Status");
  const versioning = versioningStates.find((state) => state === status);
  if (versioning === undefined) {
    throw malformed();
  }
  const bucket = store.bucket(request.bucket);
  store.commit({ op: "set-versioning", bucket: bucket.name, versioning });
  return { status: 200 };
}
