import { readFileSync } from "node:fs";
import type { Criterion, Scoring, TrainTestSplitOptions, TreeParams } from "@ml-pipelines/decision-tree";

/** A tree as scikit-learn grew it; leaves have feature -2 and children -1. */
export interface FixtureTree {
  readonly criterion: Criterion;
  readonly min_samples_leaf?: number;
  readonly min_samples_split?: number;
  readonly max_depth?: number;
  /** Whether scikit-learn gave this tree for all seeds and label scales. */
  readonly stable: boolean;
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
  readonly impurity: readonly number[];
  readonly count: readonly number[];
  readonly depth: number;
  readonly importances: readonly number[];
  /** export_text with five decimals. */
  readonly text: string;
  readonly predictions: readonly number[];
}

/** A dataset, and scikit-learn's answers: see fixtures/README.md. */
export interface Fixture {
  readonly sklearn: string;
  readonly columns: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly search: {
    readonly points: readonly number[];
    readonly r2_and_neg_mae_per_fold: readonly (readonly (readonly number[])[])[];
  };
  readonly trees: readonly FixtureTree[];
}

/** scikit-learn's splits. */
export interface SplitFixture {
  readonly splits: readonly {
    readonly options: TrainTestSplitOptions;
    readonly train: readonly number[];
    readonly test: readonly number[];
  }[];
}

/** The folds of scikit-learn's splitters. */
export interface FoldsFixture {
  readonly folds: readonly {
    readonly splitter: "KFold" | "StratifiedKFold" | "GroupKFold" | "TimeSeriesSplit";
    readonly options: object;
    readonly rowCount: number;
    /** Classes or groups. */
    readonly classes?: readonly string[] | readonly number[];
    readonly folds: readonly { readonly train: readonly number[]; readonly test: readonly number[] }[];
  }[];
}

/** Trees with weights, costs and shares, pruning paths, searches and validations of a dataset; only stable ones. */
export interface GrowthFixture {
  readonly weights: readonly number[];
  readonly trees: readonly {
    readonly params: Partial<TreeParams>;
    readonly weighted: boolean;
    readonly feature: readonly number[];
    readonly threshold: readonly number[];
    readonly value: readonly number[];
    readonly impurity: readonly number[];
    readonly count: readonly number[];
    readonly weightedCount: readonly number[];
    readonly importances: readonly number[];
    /** The leaf of every row. */
    readonly apply: readonly number[];
  }[];
  readonly paths: readonly {
    readonly params: Partial<TreeParams>;
    readonly weighted: boolean;
    readonly ccpAlphas: readonly number[];
    readonly impurities: readonly number[];
  }[];
  readonly searches: readonly {
    readonly criterion: Criterion;
    readonly weighted: boolean;
    readonly grid: { readonly [K in keyof TreeParams]?: readonly TreeParams[K][] };
    /** By point. */
    readonly stable: readonly boolean[];
    /** By fold and point. */
    readonly scores: readonly (readonly number[])[];
  }[];
  readonly validated: {
    readonly test: Readonly<Record<Scoring, readonly number[]>>;
    readonly train: Readonly<Record<Scoring, readonly number[]>>;
    readonly importances: readonly (readonly number[])[];
    readonly importancesMean: readonly number[];
    readonly importancesStd: readonly number[];
  };
}

export const DATASETS = ["orders", "wave", "wide", "steps", "ties", "tiny", "heavy"] as const;

export function readFixture(name: (typeof DATASETS)[number]): Fixture {
  const content = parse(`${name}.json`);
  if (!isFixture(content)) {
    throw new TypeError(`${name}.json is no fixture: run generate.py ${name}`);
  }
  return content;
}

export function readSplits(): SplitFixture {
  const content = parse("splits.json");
  if (!isSplitFixture(content)) {
    throw new TypeError("splits.json is no fixture: run generate.py splits");
  }
  return content;
}

export function readFolds(): FoldsFixture {
  const content = parse("folds.json");
  if (!isFoldsFixture(content)) {
    throw new TypeError("folds.json is no fixture: run generate.py folds");
  }
  return content;
}

/** The datasets of growth.json. */
export const GROWTH_DATASETS = ["orders", "wave", "wide", "heavy"] as const;

export function readGrowth(name: (typeof GROWTH_DATASETS)[number]): GrowthFixture {
  const content = parse("growth.json");
  if (!isGrowthFixture(content)) {
    throw new TypeError("growth.json is no fixture: run generate.py growth");
  }
  return content[name];
}

function parse(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), "utf8"));
}

function isFixture(content: unknown): content is Fixture {
  return typeof content === "object" && content !== null && "columns" in content && "trees" in content;
}

function isSplitFixture(content: unknown): content is SplitFixture {
  return typeof content === "object" && content !== null && "splits" in content;
}

function isFoldsFixture(content: unknown): content is FoldsFixture {
  return typeof content === "object" && content !== null && "folds" in content;
}

function isGrowthFixture(
  content: unknown,
): content is Record<(typeof GROWTH_DATASETS)[number], GrowthFixture> {
  return typeof content === "object" && content !== null && GROWTH_DATASETS.every((name) => name in content);
}
