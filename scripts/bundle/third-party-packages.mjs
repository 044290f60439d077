import { readFileSync } from "node:fs";
import path from "node:path";

/**
 * @typedef {object} ThirdPartyPackage
 * @property {string} folder
 * @property {string} name
 * @property {string} version
 * @property {string} [license]
 */

/**
 * The packages that files belong to.
 *
 * @param {string[]} files - Absolute; those of this repository's own packages are left out.
 * @returns {ThirdPartyPackage[]} By name and version.
 */
export function thirdPartyPackages(files) {
  const folders = new Set(
    files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  return [...folders].map(packageIn).sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
}

/**
 * @param {string} folder
 * @returns {ThirdPartyPackage}
 */
function packageIn(folder) {
  /** @type {Omit<ThirdPartyPackage, "folder">} */
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  return { folder, name, version, ...(license === undefined ? {} : { license }) };
}

/** @param {ThirdPartyPackage} thirdParty */
function titleOf({ name, version }) {
  return `${name} ${version}`;
}
