// Makes dist/ and public/ of the sources and the packages.
// usage: node build/bundle.mjs      after the packages were built
import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundleApp } from "../../../scripts/bundle/bundle-app.mjs";

const folder = path.dirname(import.meta.dirname);
const modelServer = path.dirname(
  fileURLToPath(import.meta.resolve("@ml-pipelines/model-server/package.json")),
);
const { resolve } = createRequire(path.join(modelServer, "package.json"));
const swaggerUi = path.dirname(resolve("@fastify/swagger-ui/package.json"));

await bundleApp({
  folder,
  entries: {
    "dt-regression-thread": fileURLToPath(
      new URL("../../../packages/pipeline-utils/src/ml-cart/dt-regression-thread.ts", import.meta.url),
    ),
  },
  // The service never trains, and reads neither its log nor labels.
  leaveOut: /\/(?:train-stage|prediction-reader|prediction-columns|read-labels|logged-model)\.js$/,
  packagesBeside: [swaggerUi],
});

// The pages find their files where they are in the package: public/ and dist/swagger-ui/ beside each other.
const publicFolder = path.join(folder, "public");
rmSync(publicFolder, { recursive: true, force: true });
cpSync(path.join(modelServer, "public"), publicFolder, { recursive: true });
cpSync(path.join(modelServer, "dist/swagger-ui"), path.join(folder, "dist/swagger-ui"), { recursive: true });
