import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { listModels, promoteModel, verifyModel } from "@ml-pipelines/pipeline-utils/aws";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { NAME, putModel, registryBucket } from "../../support/registry-bucket.js";
import { keyPair, withKeys } from "../../support/signing.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

test("lists summaries newest first, with aliases and signers, past a file that is no model", async () => {
  const storage = await registryBucket(s3);
  const { bucket, trainDataset } = storage;
  const oldest = await putModel(s3, storage, { value: 1, daysAgo: 3 });
  const { privateKey } = keyPair();
  const signed = await withKeys({ signing: privateKey }, () =>
    putModel(s3, storage, { value: 2, daysAgo: 1 }),
  );
  const broken = `models/${NAME}_2021-07-20.json`;
  await putPlain(s3.client, bucket, broken, "{}");
  await putModel(s3, storage, { name: "experiment" });
  for (const alias of ["production", "staging"]) {
    await promoteModel(bucket, NAME, oldest, { alias, reason: "x", client: s3.client });
  }
  const models = await listModels(bucket, NAME, { client: s3.client });
  expect(models.map(({ key, aliases }) => [key, aliases])).toEqual([
    [signed, []],
    [oldest, ["production", "staging"]],
    [broken, []],
  ]);
  const { sha256, modelHash, creationTime } = await verifyModel(bucket, oldest, { client: s3.client });
  expect(models[1]).toEqual({
    ...{ key: oldest, name: NAME, modelType: "Constant", creationTime, modelHash, sha256, trainDataset },
    metrics: {},
    pipelineGitCommitHash: "NA",
    aliases: ["production", "staging"],
    signedBy: undefined,
  });
  expect(models[0]).toMatchObject({ signedBy: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown });
  expect(models[2]).toMatchObject({
    fault: `s3://${bucket}/${broken}: format is missing, expected "pipeline-utils/model"`,
  });
  expect(await listModels(bucket, NAME, { client: s3.client, limit: 1 })).toEqual(models.slice(0, 1));
});
