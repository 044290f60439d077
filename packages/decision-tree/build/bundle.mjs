// Makes the modules of dist/: the sources in a few files. To read and compile them one by one takes each program that
// searches 0.05 s of CPU more.
// usage: node build/bundle.mjs      after tsc, which writes the declarations
import path from "node:path";
import { build } from "esbuild";
import { writeOutputs } from "../../../scripts/bundle/write-outputs.mjs";

const absWorkingDir = path.dirname(import.meta.dirname);
/** @satisfies {import("esbuild").BuildOptions} */
const shared = {
  absWorkingDir,
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  sourcesContent: false,
  write: false,
};

/** Begins the names of files that several modules share. */
const CHUNK = "chunk-";

const modules = await build({
  ...shared,
  // A small search loads the first alone. The others stand side by side: search-threads.ts starts threads by the address of
  // search-worker.js, which it makes from its own.
  entryPoints: ["src/index.ts", "src/search-threads.ts", "src/search-worker.ts"],
  chunkNames: `${CHUNK}[hash]`,
  splitting: true,
  format: "esm",
  plugins: [
    {
      // A file of its own: in an ES module, its `require` would hide ml-cart from the bundlers of programs.
      name: "keep-load-ml-cart",
      setup: ({ onResolve }) => {
        onResolve({ filter: /load-ml-cart\.cjs$/ }, ({ path: name }) => ({ path: name, external: true }));
      },
    },
  ],
});
const commonJs = await build({
  ...shared,
  entryPoints: [{ in: "src/load-ml-cart.cts", out: "load-ml-cart" }],
  outExtension: { ".js": ".cjs" },
  external: ["ml-cart"],
  format: "cjs",
});
const outputFiles = [...modules.outputFiles, ...commonJs.outputFiles];
writeOutputs(outputFiles, path.join(absWorkingDir, shared.outdir), CHUNK);
