/**
 * The packages in the bundle, for scanners of images, which otherwise read them from node_modules.
 *
 * @param {import("./third-party-packages.mjs").ThirdPartyPackage[]} packages
 * @returns {string} JSON of CycloneDX.
 * @see https://cyclonedx.org/docs/1.5/json/
 * @see https://trivy.dev/docs/latest/supply-chain/sbom/#sbom-detection-inside-targets
 */
export function billOfMaterials(packages) {
  const components = packages.map(({ name, version }) => {
    // https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md
    const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
    return { type: "library", "bom-ref": purl, name, version, purl };
  });
  const bill = { bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
