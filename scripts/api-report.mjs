#!/usr/bin/env node
// Writes down the public API of each package, one report for each entry point: packages/*/api/*.api.md. With --check,
// nothing is written and a report that differs from what is built is a failure: an API changes on purpose only.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { root } from "./run.mjs";
import { publishedPackages } from "./workspaces.mjs";

/**
 * The entry points of a package, by the name of their report: `index` and, of subpaths, theirs.
 *
 * @param {string} folder - Absolute.
 * @returns {{ name: string, types: string }[]} `types`: absolute path of the declarations.
 */
function entryPoints(folder) {
  /** @type {{ exports: Record<string, string | { types: string }> }} */
  const { exports } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === "string"
      ? []
      : [{ name: subpath === "." ? "index" : subpath.slice(2), types: path.join(folder, target.types) }],
  );
}

/**
 * Write the report of one entry point, or compare it.
 *
 * @param {string} folder - The package's, absolute.
 * @param {{ name: string, types: string }} entryPoint
 * @param {{ check: boolean, temporary: string }} options
 * @returns {string[]} What is wrong, in words; empty if nothing is.
 */
function report(folder, { name, types }, { check, temporary }) {
  const reportFile = path.join(folder, "api", `${name}.api.md`);
  /** @type {string[]} */
  const problems = [];
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: path.join(folder, "tsconfig.build.json") },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: path.dirname(reportFile),
        reportTempFolder: temporary,
        reportVariants: ["complete"],
        // Types that are reached without a name of their own, such as common options, belong to the API all the same.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // Every export is public, without a release tag. `npm run docs` judges texts and links.
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          "ae-forgotten-export": { logLevel: ExtractorLogLevel.None },
          "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None },
          "ae-undocumented": { logLevel: ExtractorLogLevel.None },
          "ae-unresolved-link": { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(folder, "package.json"),
  });
  const result = Extractor.invoke(config, {
    localBuild: !check,
    // Its own compiler is older than the one that wrote the declarations.
    typescriptCompilerFolder: path.join(root, "node_modules/typescript"),
    messageCallback(message) {
      message.handled = true;
      if (message.category !== "console" && message.logLevel === ExtractorLogLevel.Error) {
        problems.push(message.formatMessageWithLocation(root));
      }
    },
  });
  if (check && result.apiReportChanged) {
    problems.push(
      `${path.relative(root, reportFile)} is not the API that is built; \`npm run api:report\` writes it anew`,
    );
  }
  return problems;
}

const temporary = mkdtempSync(path.join(tmpdir(), "api-report-"));
try {
  const check = process.argv.includes("--check");
  for (const workspace of publishedPackages) {
    const folder = path.join(root, workspace);
    if (!check) {
      await mkdir(path.join(folder, "api"), { recursive: true });
    }
    for (const entryPoint of entryPoints(folder)) {
      if (!existsSync(entryPoint.types)) {
        throw new Error(`${entryPoint.types} is missing: build first`);
      }
      const problems = report(folder, entryPoint, { check, temporary });
      console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${workspace} ${entryPoint.name}`);
      for (const problem of problems) {
        console.log(`       ${problem}`);
      }
      if (problems.length > 0) {
        process.exitCode = 1;
      }
    }
  }
} finally {
  rmSync(temporary, { recursive: true });
}
