import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * Who may import whom: the files under `files` may not import what `group` matches.
 *
 * @param {string[]} files
 * @param {string[]} group
 * @param {string} message
 * @returns {import("eslint").Linter.Config}
 */
const forbidImports = (files, group, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});
const ownWorkspaces = ["@ml-pipelines/*", "**/apps/**"];

export default defineConfig(
  { ignores: ["**/dist/", "**/coverage/", ".demo/", "docs/api/", "**/test/fixtures/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A number prints the same in every locale; the rule is for objects that print as "[object Object]".
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A method that serves an interface may need no await of its own.
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    // Typed arrays indexed by loops that the code bounds itself: `!` there costs nothing and hides nothing from outside.
    files: ["packages/decision-tree/src/**/*.ts", "packages/pipeline-utils/src/formats/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    // A test may assert that a fixture it wrote itself is there.
    files: ["**/test/**/*.ts", "**/bench/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    // Node's own test runner, as a copy of the example runs it, waits for its tests itself.
    files: ["examples/*/test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: "test" }] },
      ],
    },
  },
  // The type checker reads these files too, and knows Node's globals.
  { files: ["**/*.mjs"], rules: { "no-undef": "off" } },
  forbidImports(
    ["packages/*/src/**/*.ts"],
    ownWorkspaces,
    "A package imports neither an app nor another package; local-s3 is for tests and demos.",
  ),
  forbidImports(
    ["packages/pipeline-utils/src/formats/**/*.ts"],
    [...ownWorkspaces, "**/aws/**", "@aws-sdk/*", "**/logging/**"],
    "Formats know no S3; they meet in aws/datasets and aws/models only.",
  ),
  forbidImports(
    ["packages/pipeline-utils/src/aws/{artefacts,timestamped-key,etag,client}{*.ts,/**/*.ts}"],
    [...ownWorkspaces, "**/formats/**", "apache-arrow", "parquet-wasm", "papaparse"],
    "Artefacts know no formats; they meet in aws/datasets and aws/models only.",
  ),
  forbidImports(
    ["apps/time-to-dispatch-train/src/**/*.ts"],
    ["@ml-pipelines/time-to-dispatch-serve", "@ml-pipelines/local-s3", "**/time-to-dispatch-serve/**"],
    "Apps never import each other; local-s3 is a development dependency.",
  ),
  forbidImports(
    ["apps/time-to-dispatch-serve/src/**/*.ts"],
    [
      "@ml-pipelines/time-to-dispatch-train",
      "@ml-pipelines/decision-tree",
      "@ml-pipelines/local-s3",
      "**/time-to-dispatch-train/**",
    ],
    "The service imports pipeline-utils and ml-cart only.",
  ),
);
