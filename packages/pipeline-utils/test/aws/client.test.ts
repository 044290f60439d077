import { S3Client } from "@aws-sdk/client-s3";
import { afterEach, expect, test } from "@jest/globals";

import { createS3Client, findLatestArtefactOnS3, S3AccessError } from "@ml-pipelines/pipeline-utils/aws";
import { otherServer, watchServer } from "../../src/aws/artefacts/call-s3.js";

afterEach(() => {
  delete process.env.AWS_ENDPOINT_URL_S3;
  delete process.env.AWS_ENDPOINT_URL;
});

test.each([
  "foo",
  "localhost:9000",
  "http:",
  "http:/127.0.0.1:9000",
  "ftp://127.0.0.1",
  "://",
  "http://h:99999",
])("rejects an endpoint that is not a URL, and names its variable: %s", (value) => {
  process.env.AWS_ENDPOINT_URL_S3 = value;
  expect(() => createS3Client()).toThrow(S3AccessError);
  expect(() => createS3Client()).toThrow(
    `AWS_ENDPOINT_URL_S3 is "${value}", expected a URL such as http://127.0.0.1:9000`,
  );
  delete process.env.AWS_ENDPOINT_URL_S3;
  process.env.AWS_ENDPOINT_URL = value;
  expect(() => createS3Client()).toThrow("AWS_ENDPOINT_URL is ");
  // The program's own setting takes its place.
  createS3Client({ config: { endpoint: "http://127.0.0.1:9000" } }).destroy();
});

test("hides the password of an endpoint", () => {
  process.env.AWS_ENDPOINT_URL_S3 = "htp://me:secret@host";
  expect(() => createS3Client()).toThrow('AWS_ENDPOINT_URL_S3 is "htp://…@host"');
});

test.each(["http://127.0.0.1:9000", "https://s3.example.com/base", "", "http://[::1]:9000/"])(
  "accepts an endpoint that is a URL: %s",
  (value) => {
    process.env.AWS_ENDPOINT_URL_S3 = value;
    createS3Client().destroy();
  },
);

test("names the server in errors, wherever its endpoint was set", async () => {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const config = { region: "us-east-1", credentials, maxAttempts: 1, forcePathStyle: true };
  const inCode = createS3Client({ config: { ...config, endpoint: "http://127.0.0.1:9" } });
  process.env.AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:9";
  for (const client of [inCode, createS3Client({ config }), new S3Client(config)]) {
    const search = findLatestArtefactOnS3("csv", "bucket", { client });
    await expect(search).rejects.toThrow(/^s3:\/\/bucket\/ at http:\/\/127\.0\.0\.1:9: the server refuses/);
    client.destroy();
  }
});

test.each([
  ["us-east-1", undefined],
  ["cn-north-1", undefined],
  ["eusc-de-east-1", undefined],
  ["us-east-1", "https://bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com"],
])("names no server in errors when it is AWS itself: %s %s", async (region, endpoint) => {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new S3Client({ region, credentials, ...(endpoint === undefined ? {} : { endpoint }) });
  watchServer(client);
  // Ends where the request would be sent.
  let host = "";
  client.middlewareStack.add(
    () => (args) => {
      host = (args.request as { hostname: string }).hostname;
      return Promise.reject(new Error("not sent"));
    },
    { step: "finalizeRequest", priority: "low" },
  );
  await expect(findLatestArtefactOnS3("csv", "bucket", { client })).rejects.toThrow("s3://bucket/: ");
  expect(host).toMatch(/amazonaws\.(com|com\.cn|eu)$/);
  expect(otherServer(client)).toBeUndefined();
});
