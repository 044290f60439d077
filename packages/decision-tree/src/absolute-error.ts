import { MovingMedian } from "./moving-median.js";
import { summariseWeighted, WeightedMedian } from "./weighted-median.js";
import type { NodeRows } from "./node-rows.js";
import { createSplit, resetSplit, isBoundary, TIE_TOLERANCE } from "./split.js";
import type { NodeSummary, Split, SplitFinder } from "./split.js";
import type { TrainingSet } from "./training-set.js";

/** Search of splits by absolute error. All features must be sorted, and `listed` by label. */
export class AbsoluteErrorFinder implements SplitFinder {
  readonly #set: TrainingSet;
  readonly #rows: NodeRows;
  readonly #order: FeatureOrder;
  readonly #errors: MovingMedian | WeightedMedian;
  readonly #best = createSplit();

  constructor(set: TrainingSet, rows: NodeRows) {
    this.#set = set;
    this.#rows = rows;
    this.#order = new FeatureOrder(set.labels.length);
    this.#errors =
      set.weights === undefined
        ? new MovingMedian(set.labels.length)
        : new WeightedMedian(set.labels.length, set.weights);
  }

  summarise(start: number, end: number, out: NodeSummary): void {
    const { labels, weights } = this.#set;
    if (weights === undefined) {
      summariseAbsoluteError(labels, this.#rows.listed, start, end, out);
    } else {
      summariseWeighted(labels, weights, this.#rows.listed, start, end, out);
    }
  }

  find(start: number, end: number, node: NodeSummary, minLeaf: number): Split {
    const best = resetSplit(this.#best);
    const { labels, features } = this.#set;
    const { listed, along } = this.#rows;
    const { values, ranks } = this.#order;
    this.#errors.enter(labels, listed, start, end, node.value);
    this.#order.enter(listed, start, end);
    for (let feature = 0; feature < features.length; feature++) {
      this.#order.fill(features[feature]!.values, along[feature]!, start, end);
      if (values[0] === values[end - start - 1]) {
        continue;
      }
      this.#errors.sumErrors(ranks);
      splitByAbsoluteError(values, this.#errors, minLeaf, node, feature, best);
    }
    return best;
  }
}

/** A node's rows in the order of a feature: their values, and their ranks by label. */
class FeatureOrder {
  /** Ascending, from index 0. */
  readonly values: Float32Array;
  /** Ranks from 1 of the same rows among the node's labels. */
  readonly ranks: Int32Array;
  /** Rank of each row among the node's labels. */
  readonly #rank: Int32Array;

  /** @param capacity - Rows of the largest node. */
  constructor(capacity: number) {
    this.values = new Float32Array(capacity);
    this.ranks = new Int32Array(capacity);
    this.#rank = new Int32Array(capacity);
  }

  /** Begin a node: `byLabel` holds its rows at `start` to `end - 1`. */
  enter(byLabel: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      this.#rank[byLabel[i]!] = i - start + 1;
    }
  }

  /** Read a feature; `order` holds the node's rows at `start` to `end - 1`, their values ascending. */
  fill(values: Float32Array, order: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const row = order[i]!;
      this.values[i - start] = values[row]!;
      this.ranks[i - start] = this.#rank[row]!;
    }
  }
}

/** Median, and sum of absolute errors, of the labels of rows that ascend by label from `start` to `end - 1`. */
function summariseAbsoluteError(
  labels: Float64Array,
  rows: Int32Array,
  start: number,
  end: number,
  out: NodeSummary,
): void {
  const size = end - start;
  const middle = start + (size >> 1);
  const upper = labels[rows[middle]!]!;
  const median = size % 2 === 1 ? upper : (labels[rows[middle - 1]!]! + upper) / 2;
  let error = 0;
  for (let i = start; i < end; i++) {
    error += Math.abs(labels[rows[i]!]! - median);
  }
  out.size = out.weight = size;
  out.value = median;
  out.error = error;
}

/**
 * Try every split of a node along a feature.
 *
 * @param values - The node's values of the feature, ascending, from index 0.
 * @param errors - Filled for this feature.
 * @param best - Improved in place; a split replaces it only when better by the tolerance, so the lowest threshold wins.
 */
function splitByAbsoluteError(
  values: Float32Array,
  errors: MovingMedian | WeightedMedian,
  minLeaf: number,
  node: NodeSummary,
  feature: number,
  best: Split,
): void {
  const { firstErrors, lastErrors } = errors;
  const { size } = node;
  const tolerance = TIE_TOLERANCE * node.error;
  for (let left = minLeaf; left <= size - minLeaf; left++) {
    const gain = node.error - (firstErrors[left]! + lastErrors[size - left]!);
    if (gain > best.gain + tolerance && isBoundary(values[left - 1]!, values[left]!)) {
      best.lead = gain - best.gain;
      best.gain = gain;
      best.feature = feature;
      best.left = best.entries = left;
      best.lower = values[left - 1]!;
      best.upper = values[left]!;
    }
  }
}
