import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What has no meaning, or does harm, on the machine of whoever installs: npm would build, yarn install more. */
const NOT_RELEASED = ["scripts", "devDependencies", "packageManager"];

/**
 * Pack a package that was built, as it is to be installed.
 *
 * @param {string} root
 * @param {{ folder: string, name: string }} releasable
 * @param {string} target A folder that is made.
 * @returns {string} The folder with the package's files.
 * @throws {Error} The package could not be installed from what was packed.
 */
export function packPackage(root, { folder, name }, target) {
  mkdirSync(target, { recursive: true });
  const archive = path.join(target, "package.tgz");
  // pnpm writes the versions in for "workspace:" and "catalog:".
  execFileSync("npm", ["run", "--silent", "pnpm", "--", "--filter", name, "pack", "--out", archive], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  execFileSync("tar", ["-xzf", archive, "-C", target]);
  const tree = path.join(target, "package");
  const file = path.join(tree, "package.json");
  const manifest = installableManifest(JSON.parse(readFileSync(file, "utf8")));
  for (const exported of exportedFiles(manifest.exports))
    if (!existsSync(path.join(tree, exported)))
      throw new Error(`${folder}: package.json exports ${exported}, which was not packed`);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return tree;
}

/**
 * @param {Record<string, unknown>} packed The package.json that pnpm packed.
 * @returns {Record<string, unknown>} The package.json that is released.
 * @throws {Error} It depends on what cannot be installed elsewhere.
 */
export function installableManifest(packed) {
  const manifest = Object.fromEntries(
    Object.entries(packed).filter(([field]) => !NOT_RELEASED.includes(field)),
  );
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies"])
    for (const [name, range] of Object.entries(manifest[field] ?? {}))
      if (/^(workspace|catalog|file|link):/.test(range) || name.startsWith("@ml-pipelines/"))
        throw new Error(
          `${String(manifest.name)}: ${field} has ${name} "${range}", which no other project can install`,
        );
  return manifest;
}

/**
 * @param {unknown} exported The value of `exports`, or of a part of it.
 * @returns {string[]}
 */
function exportedFiles(exported) {
  if (typeof exported === "string") return [exported];
  return typeof exported === "object" && exported !== null
    ? Object.values(exported).flatMap(exportedFiles)
    : [];
}
