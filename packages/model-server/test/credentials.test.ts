import { createHash } from "node:crypto";
import type { Server } from "node:http";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startCredentialServer } from "./support/credential-server.js";
import { ServerProgram } from "@ml-pipelines/test-support/server-program";
import { SERVE } from "./support/programs.js";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";

/** The SDK loads what reads most of these when it first needs it: it must be found from within the program's few files too. */
describe("the program's search for credentials", () => {
  let storage: ModelStorage;
  let credentials: { url: string; server: Server };
  let home = "";
  let environment: Record<string, string> = {};
  const programs: ServerProgram[] = [];

  const config = (keys: { accessKeyId: string; secretAccessKey: string }): string => `
[profile keys]
aws_access_key_id = ${keys.accessKeyId}
aws_secret_access_key = ${keys.secretAccessKey}
[profile process]
credential_process = echo '{"Version": 1, "AccessKeyId": "${keys.accessKeyId}", "SecretAccessKey": "${keys.secretAccessKey}"}'
[profile role]
role_arn = arn:aws:iam::123456789012:role/the-role
source_profile = keys
[profile sso]
sso_session = the-session
sso_account_id = 123456789012
sso_role_name = the-role
[sso-session the-session]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
`;

  beforeAll(async () => {
    storage = await ModelStorage.start();
    await storage.putModel();
    const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", ...rest } = storage.environment;
    const keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    credentials = await startCredentialServer(keys);
    home = await mkdtemp(path.join(tmpdir(), "serve-home-"));
    const cache = path.join(home, ".aws/sso/cache");
    await mkdir(cache, { recursive: true });
    await writeFile(path.join(home, ".aws/config"), config(keys));
    await writeFile(path.join(home, "token"), "token-of-the-pod");
    const session = createHash("sha1").update("the-session").digest("hex");
    const token = { accessToken: "token", expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
    await writeFile(path.join(cache, `${session}.json`), JSON.stringify(token));
    environment = {
      ...rest,
      HOME: home,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL_STS: credentials.url,
      AWS_ENDPOINT_URL_SSO: credentials.url,
    };
  });
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    credentials.server.close();
    credentials.server.closeAllConnections();
    await storage.stop();
    await rm(home, { recursive: true });
  });

  test.each<[string, () => Record<string, string>]>([
    ["of a profile", () => ({ AWS_PROFILE: "keys" })],
    ["that a command prints", () => ({ AWS_PROFILE: "process" })],
    ["of a role, for those of a profile", () => ({ AWS_PROFILE: "role" })],
    ["of a session of IAM Identity Center", () => ({ AWS_PROFILE: "sso" })],
    [
      "of a role, for the token of a pod",
      () => ({
        AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/the-role",
        AWS_WEB_IDENTITY_TOKEN_FILE: path.join(home, "token"),
      }),
    ],
    ["of a container", () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${credentials.url}/container` })],
    [
      "of an instance",
      () => ({ AWS_EC2_METADATA_DISABLED: "", AWS_EC2_METADATA_SERVICE_ENDPOINT: credentials.url }),
    ],
  ])("finds the credentials %s", async (_name, variables) => {
    const argv = [BUCKET, "--host", "127.0.0.1", "--port", "0"];
    const program = new ServerProgram(SERVE, argv, { ...environment, ...variables() });
    programs.push(program);
    await program.listening();
    expect(program.output).toContain("Successfully loaded model: ");
  });
});
