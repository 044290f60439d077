/**
 * Who may import whom. `npm run lint` runs it, by dependency-cruiser, over all sources, tests and scripts.
 *
 * A row names a folder or a file, and everything that it may import beside itself. A file belongs to the most
 * specific row that names it. A row names rows above it only. A file of no row may import nothing, and nobody may
 * import it: give it a row.
 *
 * @typedef {Record<string, readonly string[]>} Arrows
 * @typedef {import("dependency-cruiser").IForbiddenRuleType} Rule
 */

/** What a project installs. */
const PACKAGES = ["packages/model-server", "packages/decision-tree", "packages/pipeline-utils"];

/**
 * Between workspaces: the `src` of each. local-s3 stands in the list of test-support alone, because
 * it is a development dependency; test-support stands in no list.
 *
 * @type {Arrows}
 */
const WORKSPACES = {
  "packages/pipeline-utils": [],
  "packages/decision-tree": [],
  "packages/local-s3": [],
  "packages/test-support": ["packages/local-s3", "packages/pipeline-utils"],
  "packages/model-server": ["packages/pipeline-utils"],
  "apps/time-to-dispatch-train": PACKAGES,
  "apps/time-to-dispatch-serve": ["packages/model-server", "packages/pipeline-utils"],
  "examples/linear-regression": PACKAGES,
};

const ERRORS = ["errors", "argument-error", "is-object"];
const S3 = ["aws/etag", "aws/timestamped-key", "aws", "npm:@aws-sdk/*"];

/**
 * Inside packages/pipeline-utils/src. `npm:` marks a library, and `npm:*` means any.
 *
 * @type {Arrows}
 */
const PIPELINE_UTILS = {
  "is-object": [],
  "argument-error": [],
  errors: ["argument-error"],
  logging: [...ERRORS, "npm:winston"],
  formats: [...ERRORS, "npm:apache-arrow", "npm:papaparse", "npm:parquet-wasm"],

  "aws/etag": ERRORS,
  "aws/timestamped-key": ERRORS,
  // The client and its parts: all other files that stand in aws/ itself.
  aws: [...ERRORS, "npm:@aws-sdk/*"],
  "aws/artefacts": [...ERRORS, ...S3],
  // The types of a dataset and of the reference to it, which a model records.
  "aws/datasets/dataset": [...ERRORS, "aws/artefacts", "npm:apache-arrow"],
  "aws/datasets": [...ERRORS, ...S3, "aws/artefacts", "aws/datasets/dataset", "formats", "npm:apache-arrow"],
  "aws/models": [...ERRORS, ...S3, "aws/artefacts", "aws/datasets/dataset", "formats"],
  "aws/registry": [...ERRORS, ...S3, "aws/artefacts", "aws/datasets/dataset", "aws/models"],
  // The entry of the folder, which re-exports.
  "aws/index": ["errors", "aws/*"],

  "ml-cart": [...ERRORS, "aws/models", "npm:ml-cart"],
  monitoring: [...ERRORS, "formats", "aws/*", "npm:*"],
  // Dependency-free, because the page of the service loads it too.
  "report/plot": [],
  report: [...ERRORS, "aws/*", "monitoring", "report/plot"],
  stage: [...ERRORS, "logging", "formats", "aws/*", "monitoring", "report", "npm:*"],
  command: [...ERRORS, "logging", "formats", "aws/*", "ml-cart", "monitoring", "report", "stage", "npm:*"],
  // The entry of the package, which re-exports.
  index: ["errors", "logging", "formats", "aws/index", "ml-cart", "monitoring", "report", "stage"],
};

const WORKSPACE = "(?:packages|apps|examples)/[^/]+";
const PIPELINE_UTILS_SRC = "packages/pipeline-utils/src/";
const NODE_MODULES = "(?:^|/)node_modules/";

/** @type {Rule[]} */
const OTHER_RULES = [
  {
    name: "no-circle",
    comment: "No file imports in a circle, types included.",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-index-inside",
    comment: "Nothing inside a package imports an index.ts of it, except another index.ts.",
    severity: "error",
    from: { path: `^(${WORKSPACE})/src/`, pathNot: "/index\\.ts$" },
    to: { path: "^$1/src/(?:|.+/)index\\.ts$" },
  },
  {
    name: "public-entries-only",
    comment: "A package is imported by its name, from outside: by one of its entries.",
    severity: "error",
    from: { path: `^(${WORKSPACE}|scripts|deploy)/` },
    to: {
      path: "^packages/[^/]+/(?:src|dist)/",
      pathNot: ["^$1/", "/index\\.[jt]s$", "^packages/test-support/src/[^/]+$"],
    },
  },
  {
    name: "no-test-outside",
    comment:
      "No workspace imports another's tests: helpers of several workspaces stand in packages/test-support.",
    severity: "error",
    from: { path: `^(${WORKSPACE}|scripts|deploy)/` },
    to: { path: `^(?:${WORKSPACE}|scripts|deploy)/test/`, pathNot: "^$1/" },
  },
  {
    name: "no-app-outside",
    comment: "No workspace imports an app or an example, tests included.",
    severity: "error",
    from: { path: `^(${WORKSPACE})/` },
    to: { path: "^(?:apps|examples)/", pathNot: "^$1/" },
  },
  {
    name: "resolvable",
    comment:
      "An import of something that is not found would pass all other rules. A page of /docs imports from the address of another page.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true, pathNot: "^\\.\\./page/" },
  },
];

/**
 * The rules of a table: one for each row, and one for the files of no row.
 *
 * @param {Arrows} arrows
 * @param {{ base: string, within: string, targets: string }} paths - `base`: the folder of the rows. `within`: the
 *   part of a row that the table restricts. `targets`: the imports that the table lists.
 * @returns {Rule[]}
 */
function rulesOf(arrows, { base, within, targets }) {
  const rows = Object.keys(arrows);

  /** @param {string} row */
  const patternOf = (row) => {
    const inner = rows.filter((other) => other.startsWith(`${row}/`)).map((other) => other.slice(row.length));
    return `^${base}${row}(?=[/.])` + (inner.length === 0 ? "" : `(?!(?:${inner.join("|")})[/.])`);
  };
  /** @param {string} row @param {string} target */
  const targetPatternOf = (row, target) => {
    const start = target.startsWith("npm:") ? NODE_MODULES : `^${base}`;
    const name = target.replace("npm:", "");
    if (name.endsWith("*")) {
      return start + name.slice(0, -1);
    }
    if (start === NODE_MODULES) {
      return `${start}${name}/`;
    }
    // The rows are in order, lowest first, because then folders cannot import each other in a circle.
    if (!rows.slice(0, rows.indexOf(row)).includes(target)) {
      throw new Error(`${target}, which ${row} may import, is no row above it`);
    }
    return patternOf(target);
  };

  return [
    ...Object.entries(arrows).map(
      /** @returns {Rule} */ ([row, allowed]) => ({
        name: `arrows of ${row}`,
        comment: `It may import ${allowed.join(", ") || "nothing"}.`,
        severity: "error",
        from: { path: patternOf(row) + within },
        to: {
          path: targets,
          pathNot: [patternOf(row), ...allowed.map((target) => targetPatternOf(row, target))],
        },
      }),
    ),
    {
      name: "no row",
      comment: "A file that no row names may import nothing.",
      severity: "error",
      from: { path: `^(?!${base}(?:${rows.join("|")})[/.])${base || WORKSPACE}${within}` },
      to: { path: targets },
    },
  ];
}

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...rulesOf(WORKSPACES, { base: "", within: "/src/", targets: `^${WORKSPACE}/` }),
    ...rulesOf(PIPELINE_UTILS, {
      base: PIPELINE_UTILS_SRC,
      within: "",
      targets: `^${PIPELINE_UTILS_SRC}|${NODE_MODULES}`,
    }),
    ...OTHER_RULES,
  ],
  options: {
    doNotFollow: { path: ["node_modules", "/dist/"] },
    exclude: { path: "/test/fixtures/" },
    skipAnalysisNotInRules: true,
    // Types too, which the compiled program no longer has.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "types", "default"],
    },
  },
};
