import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)\b/i;

/**
 * The licences of the packages that files belong to, as these ask of whoever passes them on.
 *
 * @param {string[]} files - Absolute; those of this repository's own packages are left out.
 * @returns {string} Each package's name, version, licence, and the texts of its licence and notice.
 */
export function thirdPartyLicences(files) {
  const folders = new Set(
    files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const licences = [...folders].map(licenceOf).sort((a, b) => (a.title < b.title ? -1 : 1));
  return licences.map(({ title, texts }) => [title, ...texts].join("\n\n")).join(`\n\n${"=".repeat(80)}\n\n`);
}

/** @param {string} folder */
function licenceOf(folder) {
  /** @type {{ name: string, version: string, license?: string }} */
  const {
    name,
    version,
    license = "licence below",
  } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  return { title: `${name} ${version} (${license})`, texts };
}
