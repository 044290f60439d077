// Makes the modules of dist/: the sources and the AWS SDK in a few files. To read them one by one takes each program
// that gets a dataset 0.1 s more.
// usage: node build/bundle.mjs      after tsc, which writes the declarations
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { thirdPartyLicences } from "../../../scripts/bundle/third-party-licences.mjs";
import { thirdPartyPackages } from "../../../scripts/bundle/third-party-packages.mjs";
import { withoutMapsOfPackages } from "../../../scripts/bundle/without-maps-of-packages.mjs";
import { writeOutputs } from "../../../scripts/bundle/write-outputs.mjs";

const folder = path.dirname(import.meta.dirname);
/** @type {{ exports: Record<string, string | { default: string }>, bin: Record<string, string>, dependencies: Record<string, string> }} */
const { exports, bin, dependencies } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));

/** `./dist/aws/index.js` is made of `src/aws/index.ts`. */
const entryPoints = [...Object.values(exports), ...Object.values(bin).map((file) => ({ default: file }))]
  .flatMap((target) => (typeof target === "string" ? [] : [target.default]))
  .map((file) => file.replace(/^\.\/dist\/(.*)\.js$/, "$1"))
  .map((name) => ({ in: `src/${name}.ts`, out: name }));

/** The program of a thread. Its class finds it beside itself, which is in the folder of chunks. */
const thread = { in: "src/ml-cart/dt-regression-thread.ts", out: "chunks/dt-regression-thread" };

const { metafile, outputFiles } = await build({
  absWorkingDir: folder,
  entryPoints: [...entryPoints, thread],
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  // A program may use the others too, and is to have one copy of each. Clients of the SDK of any copy are accepted.
  external: Object.keys(dependencies).filter((name) => name !== "@aws-sdk/client-s3"),
  // The SDK's ES modules, of which only those that are used are bundled.
  mainFields: ["module", "main"],
  splitting: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  // For the modules that are CommonJS. A source has the usual name.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);',
  },
  sourcemap: true,
  sourcesContent: false,
  plugins: [withoutMapsOfPackages],
  metafile: true,
  write: false,
});
writeOutputs(outputFiles, path.join(folder, "dist/chunks"));

const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
const packages = thirdPartyPackages(inputs.map((file) => path.join(folder, file)));
writeFileSync(path.join(folder, "dist/THIRD-PARTY-LICENCES.txt"), thirdPartyLicences(packages));
