import { receiveXml } from "../body/receiver.js";
import { S3Error } from "../errors.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import type { XmlElement } from "../xml/parser.js";
import { child, childText, malformedXml } from "../xml/parser.js";
import type { Xml } from "../xml/writer.js";
import { element, xmlDocument } from "../xml/writer.js";
import { deleteVersion } from "./delete-object.js";
import type { OperationContext } from "./operation.js";
import { checkKey, MAX_BULK_DELETE_KEYS } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects({ store, request, signature }: OperationContext): Promise<S3Response> {
  store.bucket(request.bucket);
  const document = await receiveXml(request, signature, "Delete");
  const objects = document.children.filter(({ name }) => name === "Object").map(readObject);
  if (objects.length === 0 || objects.length > MAX_BULK_DELETE_KEYS) {
    throw malformedXml();
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
  // childText would remove white space around the key, which belongs to it.
  const key = child(object, "Key")?.text ?? "";
  if (key === "") {
    throw malformedXml();
  }
  const conditional = ["ETag", "LastModifiedTime", "Size"].some((name) => child(object, name) !== undefined);
  return { key, versionId: childText(object, "VersionId"), conditional };
}
