import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Fields that have no meaning, or do harm, in an installed package: npm would build it, yarn would install more. */
const NOT_RELEASED = ["scripts", "devDependencies", "packageManager"];
/** Ranges that only this repository can resolve. */
const ONLY_HERE = /^(?:workspace|catalog|file|link):/;
/** A range of versions, without a protocol, an address or a tag: `>=0.1.0 <1.0.0`. */
const PLAIN_RANGE = /^[\d.x*<>=~^| -]+$/;

/**
 * Pack a built package in its installable form.
 *
 * @param {string} root
 * @param {{ folder: string, name: string }} releasable
 * @param {string} target - A folder, which is created.
 * @returns {string} The folder with the package's files.
 * @throws {Error} The packed files could not be installed elsewhere.
 */
export function packPackage(root, { folder, name }, target) {
  mkdirSync(target, { recursive: true });
  const archive = path.join(target, "package.tgz");
  // pnpm replaces "workspace:" and "catalog:" by versions.
  execFileSync("npm", ["run", "--silent", "pnpm", "--", "--filter", name, "pack", "--out", archive], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  execFileSync("tar", ["-xzf", archive, "-C", target]);
  const tree = path.join(target, "package");
  const file = path.join(tree, "package.json");
  const manifest = installableManifest(JSON.parse(readFileSync(file, "utf8")));
  for (const exported of exportedFiles(manifest.exports)) {
    if (!existsSync(path.join(tree, exported))) {
      throw new Error(`${folder}: package.json exports ${exported}, which was not packed`);
    }
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return tree;
}

/**
 * @param {Record<string, unknown>} packed - The package.json that pnpm packed.
 * @returns {Record<string, unknown>} The package.json that is released.
 * @throws {Error} It depends on something that cannot be installed elsewhere.
 */
export function installableManifest(packed) {
  const manifest = Object.fromEntries(
    Object.entries(packed).filter(([field]) => !NOT_RELEASED.includes(field)),
  );
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    for (const [name, range] of Object.entries(manifest[field] ?? {})) {
      if (!isInstallable(field, name, range)) {
        throw new Error(
          `${String(manifest.name)}: ${field} has ${name} "${range}", which no other project can install`,
        );
      }
    }
  }
  return manifest;
}

/**
 * Whether another project can install a dependency. No registry has the siblings, so a client would fail to find a
 * dependency on one. A peer dependency only states the versions that fit: the project installs the peer from its tag.
 *
 * @param {string} field
 * @param {string} name
 * @param {string} range
 */
function isInstallable(field, name, range) {
  if (ONLY_HERE.test(range)) {
    return false;
  }
  return !name.startsWith("@ml-pipelines/") || (field === "peerDependencies" && PLAIN_RANGE.test(range));
}

/**
 * @param {unknown} exported - The value of `exports`, or of a part of it.
 * @returns {string[]}
 */
function exportedFiles(exported) {
  if (typeof exported === "string") {
    return [exported];
  }
  return typeof exported === "object" && exported !== null
    ? Object.values(exported).flatMap(exportedFiles)
    : [];
}
