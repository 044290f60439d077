import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** A type is imported and exported on a line of its own: an inline one keeps the module loaded at run time. */
const INLINE_TYPES = {
  selector: ":matches(ImportSpecifier[importKind='type'], ExportSpecifier[exportKind='type'])",
  message: "Import and export types on a line of their own: import type { … }.",
};

/** A test is named for what a user may rely on: `rejects X`, `returns Y when Z`. The verb stands first. */
const TEST_NAMES = {
  selector:
    ":matches([callee.name=/^test/], [callee.callee.object.name=/^test/]) > " +
    ":matches(Literal[value!=/^[a-z]+s\\b/], TemplateLiteral[quasis.0.value.cooked!=/^[a-z]+s\\b/]):first-child",
  message: "Begin the name of a test with a verb in the third person: rejects X, returns Y when Z.",
};

export default defineConfig(
  { ignores: ["**/dist/", "**/coverage/", ".demo/", "docs/api/", "**/test/fixtures/"] },
  js.configs.recommended,
  { rules: { curly: ["error", "all"] } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A number prints the same in every locale; the rule is for objects that print as "[object Object]".
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A method that serves an interface may need no await of its own.
      "@typescript-eslint/require-await": "off",
      // A library that is loaded late has its type by `typeof import("…")`.
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "no-restricted-syntax": ["error", INLINE_TYPES],
    },
  },
  {
    // Constants of a module that are values, in one spelling.
    files: ["**/src/**/*.ts"],
    rules: {
      "@typescript-eslint/naming-convention": [
        "error",
        {
          selector: "variable",
          modifiers: ["const", "global"],
          types: ["boolean", "number", "string", "array"],
          format: ["UPPER_CASE"],
        },
      ],
    },
  },
  {
    // Typed arrays indexed by loops that the code bounds itself: `!` there costs nothing and hides nothing from outside.
    files: [
      "packages/decision-tree/src/**/*.ts",
      "packages/pipeline-utils/src/formats/**/*.ts",
      "packages/pipeline-utils/src/ml-cart/{counted-tree,shapley-values}.ts",
    ],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    // A test may assert that a fixture it wrote itself is there.
    files: ["**/test/**/*.ts", "**/bench/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    files: ["**/test/**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", INLINE_TYPES, TEST_NAMES] },
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
  {
    // Only the contents of an index.ts: .dependency-cruiser.mjs says who may import whom.
    files: ["packages/*/src/**/index.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        INLINE_TYPES,
        {
          selector: "Program > :not(ExportAllDeclaration, ExportNamedDeclaration[declaration=null])",
          message: "An index.ts only re-exports.",
        },
      ],
    },
  },
  // The type checker reads these files too, and knows Node's globals.
  { files: ["**/*.mjs"], rules: { "no-undef": "off" } },
);
