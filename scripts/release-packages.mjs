import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";

/**
 * @typedef {object} ReleasablePackage
 * @property {string} folder Relative to the root: `packages/…`.
 * @property {string} name
 * @property {string} version
 */

/**
 * The packages that are released: those under `packages/` that changesets gave a version. Apps are not, as npm takes
 * any tag `NAME@VERSION` for a version of the package asked for.
 *
 * @param {string} root
 * @returns {ReleasablePackage[]}
 */
export function releasablePackages(root) {
  return readdirSync(path.join(root, "packages"))
    .map((name) => path.join("packages", name))
    .filter((folder) => existsSync(path.join(root, folder, "package.json")))
    .map((folder) => {
      /** @type {{ name: string, version: string }} */
      const { name, version } = JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8"));
      return { folder, name, version };
    })
    .filter(({ version }) => version !== "0.0.0");
}
