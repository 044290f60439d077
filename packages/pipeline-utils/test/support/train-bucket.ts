import { putPlain } from "@ml-pipelines/test-support/test-storage";
import type { TestS3 } from "./test-s3.js";

/** The dataset of the program `fixtures/dispatch-stage.mjs`. */
export const DISPATCH_DATASET = "datasets/dispatch_2021-07-01T16:45:38.csv";
export const DISPATCH_HEADER = "product,orders,express,hours\n";

const SLOPES = { cups: 0.125, plates: 0.25, spoons: 0.5 };

/** 120 rows that the program's model predicts but for an error of 0.5 hours, upwards and downwards in turn. */
export const DISPATCH_CSV =
  DISPATCH_HEADER +
  Array.from({ length: 120 }, (_, row) => {
    const [product, slope] = Object.entries(SLOPES)[row % 3]!;
    const express = row % 2 === 1;
    const orders = 10 + row;
    const error = row % 8 < 4 ? 0.5 : -0.5;
    return `${product},${orders},${express},${slope * orders * (express ? 0.5 : 1) + error}\n`;
  }).join("");

/** A new bucket with some files. */
export async function bucketWith(s3: TestS3, files: Readonly<Record<string, string>>): Promise<string> {
  const bucket = await s3.bucket();
  for (const [key, body] of Object.entries(files)) {
    await putPlain(s3.client, bucket, key, body);
  }
  return bucket;
}
