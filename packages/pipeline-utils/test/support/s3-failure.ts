import { expect } from "@jest/globals";

import { S3AccessError } from "@ml-pipelines/pipeline-utils/aws";

/** The error of a call that must fail, in the form that all faults of storage have. */
export async function failure(promise: Promise<unknown>): Promise<S3AccessError> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(S3AccessError);
  if (!(error instanceof S3AccessError)) {
    throw new Error("unreachable");
  }
  expect(error.message).not.toContain("\n");
  expect(error.message.startsWith("s3://")).toBe(true);
  if (!error.message.includes("the answer is not a listing")) {
    expect(error.cause).toBeDefined();
  }
  // All of them are behind an endpoint override; nothing within the brackets ends as a sentence does.
  expect(error.message).toMatch(/^s3:\/\/\S+( after \d+ of \d+ bytes)? at http:\/\/\S+:\d+: /);
  expect(error.message).not.toMatch(/\.,|\.\)|requestHandler|Unknown|TimeoutError: read/);
  return error;
}
