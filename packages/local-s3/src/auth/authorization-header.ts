import { S3Error } from "../s3-error.js";

export interface AuthorizationHeader {
  readonly accessKeyId: string;
  /** The day of the signature, `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  /** Names in lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
}

const algorithm = "AWS4-HMAC-SHA256";

/**
 * `AWS4-HMAC-SHA256 Credential=AKID/20211231/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=…`
 *
 * @throws {S3Error} AuthorizationHeaderMalformed, InvalidRequest.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
export function parseAuthorization(header: string): AuthorizationHeader {
  if (!header.startsWith(`${algorithm} `)) {
    throw new S3Error(
      "InvalidRequest",
      `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
    );
  }
  const fields = new Map(
    header
      .slice(algorithm.length)
      .split(",")
      .map((field): [string, string] => {
        const equals = field.indexOf("=");
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
      }),
  );
  // An access key may hold slashes, so the scope's four parts are counted from the end.
  const credential = (fields.get("Credential") ?? "").split("/");
  const [date, region, service, terminator] = credential.slice(-4);
  const accessKeyId = credential.slice(0, -4).join("/");
  const signedHeaders = fields.get("SignedHeaders") ?? "";
  const signature = fields.get("Signature") ?? "";
  if (accessKeyId === "" || date === undefined || !/^\d{8}$/.test(date) || region === undefined) {
    throw malformed("the Credential is not of the form <key>/YYYYMMDD/<region>/s3/aws4_request");
  }
  if (service !== "s3" || terminator !== "aws4_request") {
    throw malformed(`the Credential must end in "s3/aws4_request"`);
  }
  if (signedHeaders === "") {
    throw malformed("SignedHeaders is missing");
  }
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw malformed("the Signature is not 64 hexadecimal digits");
  }
  return { accessKeyId, date, region, signedHeaders: signedHeaders.split(";"), signature };
}

function malformed(reason: string): S3Error {
  return new S3Error("AuthorizationHeaderMalformed", `The authorization header is malformed; ${reason}.`);
}
