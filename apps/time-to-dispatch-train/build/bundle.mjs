// Makes dist/ of the sources and the packages.
// usage: node build/bundle.mjs      after the packages were built
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundleApp } from "../../../scripts/bundle/bundle-app.mjs";

const searchWorker = new URL("search-worker.js", import.meta.resolve("@ml-pipelines/decision-tree"));
const command = new URL("../../../packages/pipeline-utils/src/command/main.ts", import.meta.url);

await bundleApp({
  folder: path.dirname(import.meta.dirname),
  entries: {
    "search-worker": fileURLToPath(searchWorker),
    // The image has the command too, so that a Job can roll a model back.
    "pipeline-utils": fileURLToPath(command),
  },
  // The datasets are CSV, so the program never needs the decoder and the encoder of Parquet.
  leaveOut: /\/(?:read|write)-parquet\.js$/,
});
