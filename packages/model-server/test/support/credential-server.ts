import { createServer } from "node:http";
import type { Server } from "node:http";
import { text } from "node:stream/consumers";

/** The keys that it hands out. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * Servers that give credentials to machines in AWS, all at one address: STS, SSO, a container's endpoint, the metadata of an instance.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export async function startCredentialServer(keys: Keys): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void text(request).then((body) => response.end(answer(request.url ?? "", body, keys)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`, server };
}

function answer(url: string, body: string, { accessKeyId, secretAccessKey }: Keys): string {
  const expiry = new Date(Date.now() + 3_600_000);
  const Expiration = expiry.toISOString();
  const common = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Expiration };
  const action = new URLSearchParams(body).get("Action");
  if (action !== null) {
    const fields = Object.entries({ ...common, SessionToken: "token" });
    const credentials = fields.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
    return `<${action}Response><${action}Result><Credentials>${credentials}</Credentials></${action}Result></${action}Response>`;
  }
  if (url.startsWith("/federation/credentials")) {
    const session = { sessionToken: "token", expiration: expiry.getTime() };
    return JSON.stringify({ roleCredentials: { accessKeyId, secretAccessKey, ...session } });
  }
  if (url === "/container" || url.endsWith("/the-role")) {
    return JSON.stringify({ Code: "Success", ...common, Token: "token" });
  }
  return url.endsWith("/security-credentials/") ? "the-role" : "token-of-the-metadata";
}
