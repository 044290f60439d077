import { splitByAbsoluteError, summariseAbsoluteError } from "./absolute-error.js";
import { FeatureOrder } from "./feature-order.js";
import { MovingMedian } from "./moving-median.js";
import { NodeRows } from "./node-rows.js";
import type { NodeSummary } from "./node-summary.js";
import type { Split } from "./split.js";
import {
  splitCodedBySquaredError,
  splitSortedBySquaredError,
  summariseSquaredError,
} from "./squared-error.js";
import { Tally } from "./tally.js";
import type { TrainingSet } from "./training-set.js";

/** Search of the best split of a node, by one criterion. */
export interface SplitFinder {
  /** Value and error of the node at `start` to `end - 1`. */
  summarise(start: number, end: number, out: NodeSummary): void;
  /**
   * The best split: of those that are equal but for rounding, that of the first feature, and of its lowest threshold.
   *
   * @returns An object that the next call fills again; `feature` is -1 where no split leaves enough rows on each side.
   */
  find(start: number, end: number, node: NodeSummary): Split;
}

function mostValues({ features }: TrainingSet): number {
  return features.reduce(
    (most, feature) => (feature.kind === "coded" ? Math.max(most, feature.values.length) : most),
    0,
  );
}

function startSearch(best: Split): Split {
  best.gain = -Infinity;
  best.feature = -1;
  return best;
}

/** By squared error. */
export class SquaredErrorFinder implements SplitFinder {
  readonly #set: TrainingSet;
  readonly #rows: NodeRows;
  readonly #minLeaf: number;
  readonly #hasCodes: boolean;
  readonly #tally: Tally;
  readonly #best: Split = { gain: 0, feature: 0, left: 0, lower: 0, upper: 0 };

  constructor(set: TrainingSet, rows: NodeRows, minLeaf: number) {
    this.#set = set;
    this.#rows = rows;
    this.#minLeaf = minLeaf;
    this.#hasCodes = mostValues(set) > 0;
    this.#tally = new Tally(set.labels.length, mostValues(set));
  }

  summarise(start: number, end: number, out: NodeSummary): void {
    summariseSquaredError(this.#set, this.#rows.listed, start, end, out);
  }

  find(start: number, end: number, node: NodeSummary): Split {
    const best = startSearch(this.#best);
    const { features } = this.#set;
    if (this.#hasCodes) this.#tally.enter(this.#set, this.#rows.listed, start, end, node.value);
    for (let feature = 0; feature < features.length; feature++)
      this.#findAlong(feature, start, end, node, best);
    return best;
  }

  #findAlong(index: number, start: number, end: number, node: NodeSummary, best: Split): void {
    const { labels, features } = this.#set;
    const feature = features[index]!;
    if (feature.kind === "coded") {
      const { codes, values } = feature;
      this.#tally.fill(codes, values.length, this.#rows.listed, start, end);
      splitCodedBySquaredError(values, this.#tally, this.#minLeaf, node, index, best);
    } else {
      const order = this.#rows.along[index]!;
      splitSortedBySquaredError(feature.values, order, labels, start, end, this.#minLeaf, node, index, best);
    }
  }
}

/** By absolute error. All features must be sorted, and `listed` by label. */
export class AbsoluteErrorFinder implements SplitFinder {
  readonly #set: TrainingSet;
  readonly #rows: NodeRows;
  readonly #minLeaf: number;
  readonly #order: FeatureOrder;
  readonly #errors: MovingMedian;
  readonly #best: Split = { gain: 0, feature: 0, left: 0, lower: 0, upper: 0 };

  constructor(set: TrainingSet, rows: NodeRows, minLeaf: number) {
    this.#set = set;
    this.#rows = rows;
    this.#minLeaf = minLeaf;
    this.#order = new FeatureOrder(set.labels.length);
    this.#errors = new MovingMedian(set.labels.length);
  }

  summarise(start: number, end: number, out: NodeSummary): void {
    summariseAbsoluteError(this.#set.labels, this.#rows.listed, start, end, out);
  }

  find(start: number, end: number, node: NodeSummary): Split {
    const best = startSearch(this.#best);
    const { labels, features } = this.#set;
    const { listed } = this.#rows;
    this.#errors.enter(labels, listed, start, end, node.value);
    this.#order.enter(listed, start, end);
    for (let feature = 0; feature < features.length; feature++)
      this.#findAlong(feature, start, end, node, best);
    return best;
  }

  #findAlong(feature: number, start: number, end: number, node: NodeSummary, best: Split): void {
    const { values, ranks } = this.#order;
    this.#order.fill(this.#set.features[feature]!.values, this.#rows.along[feature]!, start, end);
    if (values[0] === values[end - start - 1]) return;
    this.#errors.sumErrors(ranks);
    splitByAbsoluteError(values, this.#errors, this.#minLeaf, node, feature, best);
  }
}
