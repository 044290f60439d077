import type { S3Client } from "@aws-sdk/client-s3";

/** AWS's own domains, in all its partitions but the secret ones. */
const AWS_HOST = /\.amazonaws\.(?:com|com\.cn|eu)$/i;

/** Where each client's last request went, as `http://127.0.0.1:9000`; undefined for AWS. */
const servers = new WeakMap<S3Client, string | undefined>();

/**
 * Take note of where a client's requests go. An endpoint may be set in the code, the environment or a profile, and the SDK tells
 * only of the first (`config.isCustomEndpoint`): its requests tell in any case.
 */
export function watchServer(client: S3Client): void {
  if (servers.has(client)) {
    return;
  }
  servers.set(client, undefined);
  client.middlewareStack.add(
    (next) => (args) => {
      servers.set(client, otherServerOf(args.request));
      return next(args);
    },
    { step: "build", name: "pipelineUtilsServer", override: true },
  );
}

/** The server a client talks to in place of AWS; undefined where it talks to AWS, or has not been watched to send a request. */
export function otherServer(client: S3Client): string | undefined {
  return servers.get(client);
}

/** An address with the server it is looked for at, where that is not AWS: it may be the wrong one. */
export function addressAt(client: S3Client, address: string): string {
  const endpoint = otherServer(client);
  return endpoint === undefined ? address : `${address} at ${endpoint}`;
}

function otherServerOf(request: unknown): string | undefined {
  if (typeof request !== "object" || request === null || !("hostname" in request)) {
    return undefined;
  }
  const { hostname } = request;
  if (typeof hostname !== "string" || AWS_HOST.test(hostname)) {
    return undefined;
  }
  const protocol = "protocol" in request ? String(request.protocol) : "https:";
  const port = "port" in request && typeof request.port === "number" ? `:${request.port}` : "";
  return `${protocol}//${hostname}${port}`;
}
