import { afterEach, expect, test } from "@jest/globals";

import { createS3Client } from "../../src/aws/client.js";
import { S3AccessError } from "../../src/errors.js";

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
])("an endpoint that is no URL is named with its variable: %s", (value) => {
  process.env.AWS_ENDPOINT_URL_S3 = value;
  expect(() => createS3Client()).toThrow(S3AccessError);
  expect(() => createS3Client()).toThrow(
    `AWS_ENDPOINT_URL_S3 is "${value}", expected a URL as http://127.0.0.1:9000`,
  );
  delete process.env.AWS_ENDPOINT_URL_S3;
  process.env.AWS_ENDPOINT_URL = value;
  expect(() => createS3Client()).toThrow("AWS_ENDPOINT_URL is ");
  // What the program sets itself is taken in its place.
  createS3Client({ config: { endpoint: "http://127.0.0.1:9000" } }).destroy();
});

test("the password in an endpoint is not told", () => {
  process.env.AWS_ENDPOINT_URL_S3 = "htp://me:secret@host";
  expect(() => createS3Client()).toThrow('AWS_ENDPOINT_URL_S3 is "htp://…@host"');
});

test.each(["http://127.0.0.1:9000", "https://s3.example.com/base", "", "http://[::1]:9000/"])(
  "an endpoint that is one is taken: %s",
  (value) => {
    process.env.AWS_ENDPOINT_URL_S3 = value;
    createS3Client().destroy();
  },
);
