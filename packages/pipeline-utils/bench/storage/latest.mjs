import { createS3Client, findLatestArtefactOnS3, listArtefacts } from "@ml-pipelines/pipeline-utils/aws";

import { startListServer } from "./list-server.mjs";
import { table } from "./table.mjs";

const CASES = [
  { count: 1_000, seconds: 300, every: "5 min" },
  { count: 100_000, seconds: 300, every: "5 min" },
  { count: 1_000_000, seconds: 300, every: "5 min" },
  { count: 1_000_000, seconds: 1, every: "1 s" },
];

/** Requests and time to find the latest, by this package and by a plain listing of all pages. */
export async function measureLatest() {
  const rows = [["objects", "one every", "requests", "ms", "plain requests", "plain ms"]];
  for (const { count, seconds, every } of CASES) {
    const start = Date.parse("2017-07-03T23:05:32Z");
    const keyAt = (/** @type {number} */ i) =>
      `datasets/time_to_dispatch_${new Date(start + i * seconds * 1000).toISOString().slice(0, 19)}.csv`;
    const server = await startListServer(count, keyAt);
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    const client = createS3Client({
      config: { endpoint: server.endpoint, region: "us-east-1", credentials },
    });
    const options = { folder: "datasets", client };
    await findLatestArtefactOnS3("csv", "bench", options);
    server.takeRequests();

    const begin = performance.now();
    const found = await findLatestArtefactOnS3("csv", "bench", options);
    const took = performance.now() - begin;
    const requests = server.takeRequests();
    const plainBegin = performance.now();
    const { value: first } = await listArtefacts("csv", "bench", options).next();
    const plainTook = performance.now() - plainBegin;
    const plainRequests = server.takeRequests();
    if (found.key !== keyAt(count - 1) || first?.key !== found.key) {
      throw new Error(`found ${found.key}`);
    }
    rows.push([count, every, requests, took.toFixed(0), plainRequests, plainTook.toFixed(0)].map(String));
    client.destroy();
    server.stop();
  }
  return table(rows);
}
