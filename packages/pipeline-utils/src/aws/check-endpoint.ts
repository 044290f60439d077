import { S3AccessError } from "../errors.js";

/**
 * Check that an endpoint from the environment is a URL. The SDK's own error names neither the variable nor the value.
 *
 * @param variable - Name of the environment variable, for the message.
 * @throws {S3AccessError} Not retryable: the value is no http or https URL, for example `foo` or `localhost:9000`.
 */
export function checkEndpoint(variable: string, value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && /^https?:\/\//i.test(value)) {
    return;
  }
  // Hide user and password of the URL.
  const shown = JSON.stringify(value.replace(/\/\/[^/]*@/, "//…@").slice(0, 200));
  throw new S3AccessError(`${variable} is ${shown}, expected a URL such as http://127.0.0.1:9000`, {
    retryable: false,
  });
}
