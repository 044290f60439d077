import path from "node:path";
import { build } from "esbuild";
import { root } from "../run.mjs";
import { billOfMaterials } from "./bill-of-materials.mjs";
import { thirdPartyLicences } from "./third-party-licences.mjs";
import { thirdPartyPackages } from "./third-party-packages.mjs";
import { withoutMapsOfPackages } from "./without-maps-of-packages.mjs";
import { writeOutputs } from "./write-outputs.mjs";

/**
 * Take pipeline-utils by its sources: its own bundle has parts that a program never runs in one file with those that it
 * does.
 *
 * @type {import("esbuild").Plugin}
 */
const sourcesOfPipelineUtils = {
  name: "sources of pipeline-utils",
  setup({ onResolve }) {
    onResolve({ filter: /^@ml-pipelines\/pipeline-utils(?:\/|$)/ }, ({ path: specifier }) => {
      const entry = specifier.replace("@ml-pipelines/pipeline-utils", "");
      return { path: path.join(root, "packages/pipeline-utils/src", entry, "index.ts") };
    });
  },
};

/**
 * Leave out modules that the program never imports at run time. esbuild would follow their `import()` all the same, and
 * the program would share chunks with them.
 *
 * @param {RegExp} modules
 * @returns {import("esbuild").Plugin}
 */
const without = (modules) => ({
  name: `without ${modules}`,
  setup({ onResolve }) {
    onResolve({ filter: modules }, ({ path: file }) => ({ path: file, external: true }));
  },
});

/**
 * @typedef {object} AppBundle
 * @property {string} folder - The app, whose program is `src/main.ts`.
 * @property {Record<string, string>} [entries] - The module of each worker thread and further program, by its name in dist/.
 * @property {RegExp} leaveOut - Specifiers of modules to leave out.
 * @property {string[]} [packagesBeside] - Folders of packages whose files the caller copies to dist/.
 */

/**
 * Bundle the program of an app: dist/ gets the program and all its imports in a few files. To read hundreds of modules
 * is a third of a start. Beside them stand the licences of the packages and a list of them.
 *
 * @param {AppBundle} options
 */
export async function bundleApp({ folder, entries = {}, leaveOut, packagesBeside = [] }) {
  const dist = path.join(folder, "dist");
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: { main: "src/main.ts", ...entries },
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
    plugins: [sourcesOfPipelineUtils, withoutMapsOfPackages, without(leaveOut)],
    metafile: true,
    write: false,
  });
  const programs = ["main", ...Object.keys(entries)].map((name) => `dist/${name}.js`);
  const files = reachable(metafile.outputs, programs);
  const inputs = [...files].flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
  const modules = outputFiles.filter((file) =>
    files.has(path.relative(folder, file.path).replace(/\.map$/, "")),
  );
  const packages = thirdPartyPackages([...inputs.map((file) => path.join(folder, file)), ...packagesBeside]);
  const textFile = (/** @type {string} */ name, /** @type {string} */ text) => {
    return { path: path.join(dist, name), contents: Buffer.from(text) };
  };
  const licences = textFile("THIRD-PARTY-LICENCES.txt", thirdPartyLicences(packages));
  const bill = textFile("packages.cdx.json", billOfMaterials(packages));
  writeOutputs([...modules, licences, bill], dist);
}

/**
 * The files that the program can come to load. esbuild writes one for each `import()` that it has read, also if nothing
 * is left that calls it, such as those of the libraries for datasets.
 *
 * @param {import("esbuild").Metafile["outputs"]} outputs
 * @param {string[]} entries
 */
function reachable(outputs, entries) {
  const found = new Set(entries);
  for (const file of found) {
    for (const { path: imported, external } of outputs[file]?.imports ?? []) {
      if (!external) {
        found.add(imported);
      }
    }
  }
  return found;
}
