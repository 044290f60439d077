import type { SignatureContext } from "../auth/verify-signature.js";
import type { S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";
import { parseXml, type XmlElement } from "../xml/parse-xml.js";
import { receiveBody } from "./receive-body.js";

/** Room for 1,000 keys of 1,024 bytes, each byte written as an entity. */
const maxXmlBytes = 8 * 1024 * 1024;

/** A small body whole, as bytes. */
export async function receiveBytes(request: S3Request, context: SignatureContext): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const write = (chunk: Uint8Array): void => {
    chunks.push(Buffer.from(chunk));
  };
  try {
    await receiveBody(request, context, write, { limit: maxXmlBytes });
  } catch (error) {
    throw error instanceof S3Error && error.code === "EntityTooLarge"
      ? new S3Error(
          "MaxMessageLengthExceeded",
          `Your request was too big: at most ${maxXmlBytes} bytes are taken`,
        )
      : error;
  }
  return Buffer.concat(chunks);
}

/**
 * A body that is one XML document.
 *
 * @throws {S3Error} MalformedXML, MissingRequestBodyError, MaxMessageLengthExceeded, and what `receiveBody` throws.
 */
export async function receiveXml(
  request: S3Request,
  context: SignatureContext,
  root: string,
): Promise<XmlElement> {
  const bytes = await receiveBytes(request, context);
  if (bytes.length === 0) {
    throw new S3Error("MissingRequestBodyError", "Request Body is empty");
  }
  const document = parseXml(bytes);
  if (document.name !== root) {
    throw new S3Error(
      "MalformedXML",
      `The XML you provided has the root element ${document.name}, expected ${root}`,
    );
  }
  return document;
}
