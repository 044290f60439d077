import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { findLatestArtefactOnS3, listArtefacts, S3AccessError } from "@ml-pipelines/pipeline-utils/aws";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const cutShort = (next: string): string =>
  "<ListBucketResult><Name>shop</Name><IsTruncated>true</IsTruncated>" +
  `<Contents><Key>datasets/sales_2021-07-03.csv</Key><ETag>"e"</ETag></Contents>${next}</ListBucketResult>`;

describe("an endless listing", () => {
  const pages: [string, (page: number) => string][] = [
    [
      "the same keys under further tokens",
      () => "<Contents><Key>datasets/a_2021-07-03.csv</Key><ETag>e</ETag></Contents>",
    ],
    [
      "two pages in turn",
      (page) => `<Contents><Key>datasets/${page % 2}_2021-07-03.csv</Key><ETag>e</ETag></Contents>`,
    ],
    ["further pages without keys", () => ""],
  ];
  test.each(pages)("rejects a server that names %s", async (_, contents) => {
    const { client, endpoint } = await s3.through(({ count }) => ({
      kind: "answer",
      status: 200,
      body:
        "<ListBucketResult><Name>shop</Name><IsTruncated>true</IsTruncated>" +
        `${contents(count)}<NextContinuationToken>${count}</NextContinuationToken></ListBucketResult>`,
    }));
    const options = { folder: "datasets", client };
    const message = `s3://shop/datasets/ at ${endpoint}: the listing does not end: its pages name no further keys: is that an S3 server that knows ListObjectsV2?`;
    const error = new S3AccessError(message, { retryable: false });
    await expect(findLatestArtefactOnS3("csv", "shop", options)).rejects.toThrow(error);
    await expect(listArtefacts("csv", "shop", options).next()).rejects.toThrow(error);
  });
});

describe("an incomplete listing", () => {
  test.each([
    ["no next page", ""],
    ["a next page as the version before does", "<NextMarker>datasets/sales_2021-07-03.csv</NextMarker>"],
    ["the same page again and again", "<NextContinuationToken>t</NextContinuationToken>"],
  ])("rejects a server that names %s", async (_, next) => {
    const { client, endpoint, requests } = await s3.through(() => ({
      kind: "answer",
      status: 200,
      body: cutShort(next),
    }));
    const options = { folder: "datasets", client };
    const message = `s3://shop/datasets/ at ${endpoint}: the listing is cut short and names no further page: is that an S3 server that knows ListObjectsV2?`;
    const error = new S3AccessError(message, { retryable: false });
    await expect(findLatestArtefactOnS3("csv", "shop", options)).rejects.toThrow(error);
    await expect(listArtefacts("csv", "shop", options).next()).rejects.toThrow(error);
    expect(requests.length).toBeLessThanOrEqual(4);
  });
});
