// One transfer, in a process of its own: node transfer.mjs put|get sdk|ours FILE prints {"seconds": ..., "cpu": ..., "megabytes": ...}.
import { createReadStream } from "node:fs";

import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createS3Client, findLatestArtefactOnS3, putFileToS3 } from "@ml-pipelines/pipeline-utils/aws";

const [job, who, file = ""] = process.argv.slice(2);
const bucket = "bench";
const filename = "data_2021-07-03.csv";
const folder = who;
const sdk = new S3Client({ forcePathStyle: true });
const ours = createS3Client();

const jobs = {
  "put sdk": () =>
    new Upload({
      client: sdk,
      params: { Bucket: bucket, Key: `${folder}/${filename}`, Body: createReadStream(file) },
      partSize: 8 * 1024 * 1024,
    }).done(),
  "put ours": () => putFileToS3(file, { bucket, folder, filename, client: ours, overwrite: true }),
  "get sdk": async () => {
    const { Body } = await sdk.send(new GetObjectCommand({ Bucket: bucket, Key: `${folder}/${filename}` }));
    let bytes = 0;
    for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (Body)) {
      bytes += chunk.length;
    }
    return bytes;
  },
  "get ours": async () => {
    const artefact = await findLatestArtefactOnS3("csv", bucket, { folder, client: ours });
    let bytes = 0;
    for await (const chunk of await artefact.get()) {
      bytes += chunk.length;
    }
    return bytes;
  },
};

const run = jobs[/** @type {keyof typeof jobs} */ (`${job} ${who}`)];
const begin = performance.now();
await run();
const seconds = (performance.now() - begin) / 1000;
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({ seconds, cpu: (user + system) / 1e6, megabytes: process.resourceUsage().maxRSS / 1000 }),
);
