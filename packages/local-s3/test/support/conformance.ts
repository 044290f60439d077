import { afterAll, describe, expect, test } from "@jest/globals";
import { S3ServiceException } from "@aws-sdk/client-s3";
import { radosgwException } from "./radosgw-exceptions.js";
import type { S3Target } from "./s3-target.js";
import { openTarget } from "./s3-target.js";

export type Check = (name: string, run: () => Promise<void>, timeoutMs?: number) => void;

/**
 * A topic of the conformance suite.
 *
 * @param define - Defines the checks by `check`. Every S3 server must pass them, except for those of `radosgwException`.
 */
export async function conformance(
  topic: string,
  define: (target: S3Target, check: Check) => void,
): Promise<void> {
  const target = await openTarget();
  describe(`${topic} (${target.endpoint})`, () => {
    afterAll(() => target.close());
    define(target, (name, run, timeoutMs) => {
      const exception = target.isRadosgw ? radosgwException(name) : undefined;
      if (exception === undefined) {
        test(name, run, timeoutMs);
      } else {
        test.skip(`${name} [not on radosgw: ${exception}]`, run);
      }
    });
  });
}

/** Expect a request to fail with an S3 error. */
export async function expectFailure(
  request: Promise<unknown>,
  expected: { name?: string; status: number },
): Promise<S3ServiceException> {
  const outcome = await request.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
  if (!(outcome instanceof S3ServiceException)) {
    throw new Error(`expected ${JSON.stringify(expected)}`, { cause: outcome });
  }
  const name = expected.name ?? outcome.name;
  expect({ name: outcome.name, status: outcome.$metadata.httpStatusCode }).toEqual({
    name,
    status: expected.status,
  });
  return outcome;
}
