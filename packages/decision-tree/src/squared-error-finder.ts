import type { NodeRows } from "./node-rows.js";
import type { NodeSummary } from "./node-summary.js";
import { forgetSplit, type Split } from "./split.js";
import type { SplitFinder } from "./split-finder.js";
import {
  splitCellsBySquaredError,
  splitCodedBySquaredError,
  splitSortedBySquaredError,
  summariseSquaredError,
} from "./squared-error.js";
import { Tally } from "./tally.js";
import type { TrainingSet } from "./training-set.js";

/** By squared error. */
export class SquaredErrorFinder implements SplitFinder {
  readonly #set: TrainingSet;
  readonly #rows: NodeRows;
  readonly #hasCodes: boolean;
  readonly #tally: Tally;
  readonly #best: Split = { gain: 0, feature: 0, lead: 0, left: 0, entries: 0, code: 0, lower: 0, upper: 0 };

  constructor(set: TrainingSet, rows: NodeRows) {
    this.#set = set;
    this.#rows = rows;
    this.#hasCodes = mostValues(set) > 0;
    this.#tally = new Tally(set.labels.length, mostValues(set));
  }

  summarise(start: number, end: number, out: NodeSummary): void {
    summariseSquaredError(this.#set, this.#rows.listed, start, end, out);
  }

  find(start: number, end: number, node: NodeSummary, minLeaf: number): Split {
    const best = forgetSplit(this.#best);
    const { labels, features, cells } = this.#set;
    const { listed, along } = this.#rows;
    if (this.#hasCodes) this.#tally.enter(labels, listed, start, end, node.value);
    for (let index = 0; index < features.length; index++) {
      const feature = features[index]!;
      if (feature.kind === "coded") {
        const { codes, values } = feature;
        this.#tally.fill(codes, values.length, listed, start, end);
        splitCodedBySquaredError(values, this.#tally, minLeaf, node, index, best);
        continue;
      }
      const { values } = feature;
      const order = along[index]!;
      if (cells === undefined)
        splitSortedBySquaredError(values, order, labels, start, end, minLeaf, node, index, best);
      else splitCellsBySquaredError(values, order, labels, cells, start, end, minLeaf, node, index, best);
    }
    return best;
  }
}

function mostValues({ features }: TrainingSet): number {
  return features.reduce(
    (most, feature) => (feature.kind === "coded" ? Math.max(most, feature.values.length) : most),
    0,
  );
}
