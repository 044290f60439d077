import { S3Error } from "./s3-error.js";

/** A query parameter with a value that it cannot have. */
export function invalidArgument(message: string, name: string, value: string): S3Error {
  return new S3Error("InvalidArgument", message, {
    details: { ArgumentName: name, ArgumentValue: value.slice(0, 200) },
  });
}
