// The SDK is pinned to a version that supports Node 20; its advice would head every test.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** @type {import('jest').Config} */
export default {
  roots: ["<rootDir>/packages", "<rootDir>/apps", "<rootDir>/scripts", "<rootDir>/deploy"],
  testMatch: ["**/test/**/*.test.ts"],
  testPathIgnorePatterns: [
    // Whole builds and installs, hundreds of starts of kubectl: many minutes. `.ci/nightly` runs them.
    ...(process.env.NIGHTLY_TESTS ? [] : ["\\.nightly\\.test\\.ts$"]),
  ],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: {
    "^@ml-pipelines/test-support/([a-z0-9-]+)$": "<rootDir>/packages/test-support/src/$1.ts",
    "^@ml-pipelines/([a-z0-9-]+)$": "<rootDir>/packages/$1/src/index.ts",
    "^@ml-pipelines/([a-z0-9-]+)/([a-z-]+)$": "<rootDir>/packages/$1/src/$2/index.ts",
    "^(\\.{1,2}/.*)\\.js$": "$1",
    "^(\\.{1,2}/.*)\\.cjs$": ["$1.cts", "$1.cjs"],
  },
  transform: {
    "/@actions/.+\\.js$": "<rootDir>/deploy/test/support/json-attributes.mjs",
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "es6" } },
    ],
    "^.+\\.cts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  transformIgnorePatterns: ["/node_modules/(?!\\.pnpm/@actions\\+|@actions/)"],
  // The default leaves a core to the watcher: on two cores, half the machine.
  maxWorkers: "100%",
  // Against hangs. A test that takes 5 s on a quiet machine takes a minute on one with 14 other programs.
  testTimeout: 180_000,
  // With nothing left open a worker takes up to 0.4 s to end (Node 24, two busy cores). At the default of 0.5 s Jest ends it, and
  // reports a leak that is none.
  workerGracefulExitTimeout: 5_000,
};
