// Makes dist/ of the sources: the service and all it imports in a few files, as reading hundreds of modules is a third of a start.
// usage: node build/bundle.mjs      after the packages were built
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { billOfMaterials } from "./bill-of-materials.mjs";
import { thirdPartyLicences } from "./third-party-licences.mjs";
import { thirdPartyPackages } from "./third-party-packages.mjs";

const folder = path.dirname(import.meta.dirname);
const dist = path.join(folder, "dist");
const ENTRY = "dist/main.js";
/** Files without source maps: maps of the packages would double what a start reads. A comment in dist/ names the file of each part. */
const PACKAGES = /\/node_modules\/.*\.[cm]?js$/;
/** A source map whose only mapping is at column 1e9. esbuild knows no other way to leave a file out of its maps. */
const EMPTY_MAP = { version: 3, sources: [""], mappings: "gglrz7BAAA" };

/** @type {import("esbuild").Plugin} */
const withoutMapsOfPackages = {
  name: "without maps of packages",
  setup({ onLoad }) {
    const map = Buffer.from(JSON.stringify(EMPTY_MAP)).toString("base64");
    onLoad({ filter: PACKAGES }, ({ path: file }) => ({
      contents: `${readFileSync(file, "utf8")}\n//# sourceMappingURL=data:application/json;base64,${map}`,
      loader: "js",
    }));
  },
};

/**
 * The service never trains, so the import of the training stage is never run. esbuild would follow it all the same. The service
 * would then share chunks with the stage, which hold the libraries for datasets.
 *
 * @type {import("esbuild").Plugin}
 */
const withoutTraining = {
  name: "without training",
  setup({ onResolve }) {
    onResolve({ filter: /\/train-stage\.js$/ }, ({ path: file }) => ({ path: file, external: true }));
  },
};

/**
 * The files that the program can come to load: esbuild writes one for each `import()` that it has read, though nothing may be left
 * that calls it, such as those of the libraries for datasets.
 *
 * @param {import("esbuild").Metafile["outputs"]} outputs
 */
function reachable(outputs) {
  const found = new Set([ENTRY]);
  for (const file of found) {
    for (const { path: imported, external } of outputs[file]?.imports ?? []) {
      if (!external) {
        found.add(imported);
      }
    }
  }
  return found;
}

const { outputFiles, metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  // Modules with a dynamic import get files of their own.
  splitting: true,
  // CommonJS modules require Node's own.
  banner: {
    js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
  },
  sourcemap: true,
  sourcesContent: false,
  plugins: [withoutMapsOfPackages, withoutTraining],
  metafile: true,
  write: false,
});
const files = reachable(metafile.outputs);
const inputs = [...files].flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const { path: file, contents } of outputFiles) {
  if (files.has(path.relative(folder, file).replace(/\.map$/, ""))) {
    writeFileSync(file, contents);
  }
}

// The pages find their files where they are in the package: public/ and dist/swagger-ui/ beside each other.
const modelServer = path.dirname(
  fileURLToPath(import.meta.resolve("@ml-pipelines/model-server/package.json")),
);
const publicFolder = path.join(folder, "public");
rmSync(publicFolder, { recursive: true, force: true });
cpSync(path.join(modelServer, "public"), publicFolder, { recursive: true });
cpSync(path.join(modelServer, "dist/swagger-ui"), path.join(dist, "swagger-ui"), { recursive: true });
const { resolve } = createRequire(path.join(modelServer, "package.json"));
const swaggerUi = path.dirname(resolve("@fastify/swagger-ui/package.json"));

const packages = thirdPartyPackages([...inputs.map((file) => path.join(folder, file)), swaggerUi]);
writeFileSync(path.join(dist, "THIRD-PARTY-LICENCES.txt"), thirdPartyLicences(packages));
writeFileSync(path.join(dist, "packages.cdx.json"), billOfMaterials(packages));
