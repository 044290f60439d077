import { S3AccessError } from "../errors.js";

/**
 * Make sure that an endpoint from the environment is a URL: the SDK's own words for one that is not name neither the variable nor the value.
 *
 * @param variable - Where it came from, for the message.
 * @throws {S3AccessError} Not retryable: no URL of http or https, as `foo` or `localhost:9000`.
 */
export function checkEndpoint(variable: string, value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && /^https?:\/\//i.test(value)) {
    return;
  }
  // A URL may hold a password.
  const shown = JSON.stringify(value.replace(/\/\/[^/]*@/, "//…@").slice(0, 200));
  throw new S3AccessError(`${variable} is ${shown}, expected a URL as http://127.0.0.1:9000`, {
    retryable: false,
  });
}
