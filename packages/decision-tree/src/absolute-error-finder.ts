import { splitByAbsoluteError, summariseAbsoluteError } from "./absolute-error.js";
import { FeatureOrder } from "./feature-order.js";
import { MovingMedian } from "./moving-median.js";
import type { NodeRows } from "./node-rows.js";
import type { NodeSummary } from "./node-summary.js";
import { forgetSplit, type Split } from "./split.js";
import type { SplitFinder } from "./split-finder.js";
import type { TrainingSet } from "./training-set.js";

/** By absolute error. All features must be sorted, and `listed` by label. */
export class AbsoluteErrorFinder implements SplitFinder {
  readonly #set: TrainingSet;
  readonly #rows: NodeRows;
  readonly #order: FeatureOrder;
  readonly #errors: MovingMedian;
  readonly #best: Split = { gain: 0, feature: 0, lead: 0, left: 0, entries: 0, code: 0, lower: 0, upper: 0 };

  constructor(set: TrainingSet, rows: NodeRows) {
    this.#set = set;
    this.#rows = rows;
    this.#order = new FeatureOrder(set.labels.length);
    this.#errors = new MovingMedian(set.labels.length);
  }

  summarise(start: number, end: number, out: NodeSummary): void {
    summariseAbsoluteError(this.#set.labels, this.#rows.listed, start, end, out);
  }

  find(start: number, end: number, node: NodeSummary, minLeaf: number): Split {
    const best = forgetSplit(this.#best);
    const { labels, features } = this.#set;
    const { listed, along } = this.#rows;
    const { values, ranks } = this.#order;
    this.#errors.enter(labels, listed, start, end, node.value);
    this.#order.enter(listed, start, end);
    for (let feature = 0; feature < features.length; feature++) {
      this.#order.fill(features[feature]!.values, along[feature]!, start, end);
      if (values[0] === values[end - start - 1]) continue;
      this.#errors.sumErrors(ranks);
      splitByAbsoluteError(values, this.#errors, minLeaf, node, feature, best);
    }
    return best;
  }
}
