import type { SignatureContext } from "../auth/verify-signature.js";
import type { S3Request } from "../http/s3-request.js";
import type { S3Response } from "../http/s3-response.js";
import type { Store } from "../store/store.js";

/** All that an operation of S3 works on. The signature has been verified; the body has not been read. */
export interface OperationContext {
  readonly store: Store;
  readonly request: S3Request;
  readonly signature: SignatureContext;
}

export type Operation = (context: OperationContext) => Promise<S3Response>;
