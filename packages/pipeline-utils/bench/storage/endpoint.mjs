/**
 * The address of a local-s3 that was just started.
 *
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} server
 * @returns {Promise<string>}
 */
export async function endpointOf(server) {
  for await (const chunk of server.stdout) {
    const endpoint = /listening on (\S+)/.exec(String(chunk))?.[1];
    if (endpoint !== undefined) {
      return endpoint;
    }
  }
  throw new Error("local-s3 did not start");
}
