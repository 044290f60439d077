import { readFileSync } from "node:fs";

/**
 * Files without source maps: maps of the packages would double the bytes that a start reads. A comment in dist/ names
 * the file of each part.
 */
const PACKAGES = /\/node_modules\/.*\.[cm]?js$/;
/** A source map whose only mapping is at column 1e9. esbuild has no other way to leave a file out of its maps. */
const EMPTY_MAP = { version: 3, sources: [""], mappings: "gglrz7BAAA" };

/** @type {import("esbuild").Plugin} */
export const withoutMapsOfPackages = {
  name: "without maps of packages",
  setup({ onLoad }) {
    const map = Buffer.from(JSON.stringify(EMPTY_MAP)).toString("base64");
    onLoad({ filter: PACKAGES }, ({ path: file }) => ({
      contents: `${readFileSync(file, "utf8")}\n//# sourceMappingURL=data:application/json;base64,${map}`,
      loader: "js",
    }));
  },
};
