import { readFileSync } from "node:fs";
import type { Criterion } from "@ml-pipelines/decision-tree";

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

/** scikit-learn's stratified splits. */
export interface SplitFixture {
  readonly splits: readonly {
    readonly stratify: readonly string[];
    readonly testSize: number;
    readonly randomState: number;
    readonly train: readonly number[];
    readonly test: readonly number[];
  }[];
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

function parse(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), "utf8"));
}

function isFixture(content: unknown): content is Fixture {
  return typeof content === "object" && content !== null && "columns" in content && "trees" in content;
}

function isSplitFixture(content: unknown): content is SplitFixture {
  return typeof content === "object" && content !== null && "splits" in content;
}
