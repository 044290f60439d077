import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)\b/i;

/**
 * The licences of packages, as these ask of whoever passes them on.
 *
 * @param {import("./third-party-packages.mjs").ThirdPartyPackage[]} packages
 * @returns {string} Each package's name, version, licence, and the texts of its licence and notice.
 */
export function thirdPartyLicences(packages) {
  return packages.map((thirdParty) => licenceOf(thirdParty)).join(`\n\n${"=".repeat(80)}\n\n`);
}

/** @param {import("./third-party-packages.mjs").ThirdPartyPackage} thirdParty */
function licenceOf({ folder, name, version, license = "licence below" }) {
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
}
