import { receiveXml } from "../body/receive-xml.js";
import { type S3Response, xmlResponse } from "../http/s3-response.js";
import { S3Error } from "../s3-error.js";
import { child, childText, malformed, type XmlElement } from "../xml/parse-xml.js";
import { element, type Xml, xmlDocument } from "../xml/write-xml.js";
import { checkKey } from "./check-key.js";
import { deleteVersion } from "./delete-object.js";
import { maxDeletedObjects } from "./limits.js";
import type { OperationContext } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects({ store, request, signature }: OperationContext): Promise<S3Response> {
  store.bucket(request.bucket);
  const document = await receiveXml(request, signature, "Delete");
  const objects = document.children.filter(({ name }) => name === "Object").map(readObject);
  if (objects.length === 0 || objects.length > maxDeletedObjects) {
    throw malformed();
  }
  const quiet = childText(document, "Quiet") === "true";
  const results = objects.map(({ key, versionId, conditional }): Xml => {
    try {
      checkKey(key);
      if (conditional) {
        throw new S3Error("NotImplemented", "Conditions in DeleteObjects are not implemented by this server");
      }
      const deleted = deleteVersion(store, request.bucket, key, versionId);
      return quiet
        ? element("", undefined)
        : element("Deleted", [
            element("Key", key),
            element("VersionId", versionId),
            element("DeleteMarker", deleted.deleteMarker || undefined),
            element("DeleteMarkerVersionId", deleted.deleteMarker ? deleted.versionId : undefined),
          ]);
    } catch (error) {
      if (!(error instanceof S3Error)) {
        throw error;
      }
      return element("Error", [
        element("Key", key),
        element("VersionId", versionId),
        element("Code", error.code),
        element("Message", error.message),
      ]);
    }
  });
  return xmlResponse(xmlDocument("DeleteResult", results));
}

function readObject(object: XmlElement): {
  key: string;
  versionId: string | undefined;
  conditional: boolean;
} {
  // Not childText: white space around a key belongs to it.
  const key = child(object, "Key")?.text ?? "";
  if (key === "") {
    throw malformed();
  }
  const conditional = ["ETag", "LastModifiedTime", "Size"].some((name) => child(object, name) !== undefined);
  return { key, versionId: childText(object, "VersionId"), conditional };
}
