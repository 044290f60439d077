import { Histogram } from "./histogram.js";
import type { NodeRows } from "./node-rows.js";
import { createSplit, resetSplit, isBoundary, TIE_TOLERANCE } from "./split.js";
import type { NodeSummary, Split, SplitFinder } from "./split.js";
import type { Cells, TrainingSet } from "./training-set.js";

// A split of n rows into n1 and n2 reduces the sum of squared errors by n L^2 / (n1 n2). L is the sum of the left
// labels relative to the node's mean. With weights, n are sums of weights, and L is a weighted sum.
// Source: Breiman et al. 1984, "Classification and Regression Trees", chapter 8.

/** Search of splits by squared error. */
export class SquaredErrorFinder implements SplitFinder {
  readonly #set: TrainingSet;
  readonly #rows: NodeRows;
  readonly #hasCodes: boolean;
  readonly #histogram: Histogram;
  readonly #best = createSplit();

  constructor(set: TrainingSet, rows: NodeRows) {
    this.#set = set;
    this.#rows = rows;
    this.#hasCodes = maxCodedValues(set) > 0;
    this.#histogram = new Histogram(set.labels.length, maxCodedValues(set));
  }

  summarise(start: number, end: number, out: NodeSummary): void {
    summariseSquaredError(this.#set, this.#rows.listed, start, end, out);
  }

  find(start: number, end: number, node: NodeSummary, minLeaf: number): Split {
    const best = resetSplit(this.#best);
    const { labels, features, cells } = this.#set;
    const { listed, along } = this.#rows;
    if (this.#hasCodes) {
      this.#histogram.enter(labels, listed, start, end, node.value);
    }
    for (let index = 0; index < features.length; index++) {
      const feature = features[index]!;
      if (feature.kind === "coded") {
        const { codes, values } = feature;
        this.#histogram.fill(codes, values.length, listed, start, end);
        splitCodedBySquaredError(values, this.#histogram, minLeaf, node, index, best);
        continue;
      }
      const { values } = feature;
      const order = along[index]!;
      if (cells === undefined) {
        splitSortedBySquaredError(values, order, labels, start, end, minLeaf, node, index, best);
      } else {
        splitCellsBySquaredError(values, order, labels, cells, start, end, minLeaf, node, index, best);
      }
    }
    return best;
  }
}

/** The largest number of values of a coded feature; 0 if no feature is coded. */
function maxCodedValues({ features }: TrainingSet): number {
  return features.reduce(
    (most, feature) => (feature.kind === "coded" ? Math.max(most, feature.values.length) : most),
    0,
  );
}

/**
 * Mean, and sum of squared errors, of the labels of rows `start` to `end - 1`, in one pass.
 *
 * Labels are taken relative to the first of them, so that a large common offset costs no precision.
 *
 * @see Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance": shifted data.
 */
function summariseSquaredError(
  { labels, cells }: TrainingSet,
  rows: Int32Array,
  start: number,
  end: number,
  out: NodeSummary,
): void {
  const shift = labels[rows[start]!]!;
  let size = end - start;
  let total = size;
  let sum = 0;
  let squares = 0;
  if (cells === undefined) {
    for (let i = start; i < end; i++) {
      const offset = labels[rows[i]!]! - shift;
      sum += offset;
      squares += offset * offset;
    }
  } else {
    size = 0;
    total = 0;
    for (let i = start; i < end; i++) {
      const cell = rows[i]!;
      const weight = cells.weights[cell]!;
      const offset = labels[cell]! - shift;
      size += cells.counts[cell]!;
      total += weight;
      sum += weight * offset;
      squares += weight * offset * offset + cells.errors[cell]!;
    }
  }
  const mean = sum / total;
  out.size = size;
  out.weight = total;
  out.value = shift + mean;
  out.error = Math.max(0, squares - sum * mean);
}

/**
 * Try every split of a node along a sorted feature.
 *
 * @param order - Rows, their values ascending from `start` to `end - 1`.
 * @param best - Improved in place; a split replaces it only when better by the tolerance, so the lowest threshold wins.
 */
function splitSortedBySquaredError(
  values: Float32Array,
  order: Int32Array,
  labels: Float64Array,
  start: number,
  end: number,
  minLeaf: number,
  node: NodeSummary,
  feature: number,
  best: Split,
): void {
  const { size, value: mean } = node;
  const tolerance = (TIE_TOLERANCE * node.error) / size;
  const first = start + minLeaf;
  const last = end - minLeaf;
  let gain = best.gain / size;
  let toBeat = gain + tolerance;
  let lead = 0;
  let position = -1;
  let sum = 0;
  for (let i = start; i < first; i++) {
    sum += labels[order[i]!]! - mean;
  }
  for (let i = first; i <= last; i++) {
    const row = order[i]!;
    const sides = (i - start) * (end - i);
    // Compare products instead of quotients, because a division in every step would take longer than the rest of the
    // loop.
    if (sum * sum > toBeat * sides && isBoundary(values[order[i - 1]!]!, values[row]!)) {
      const larger = (sum * sum) / sides;
      lead = larger - gain;
      gain = larger;
      toBeat = gain + tolerance;
      position = i;
    }
    sum += labels[row]! - mean;
  }
  if (position < 0) {
    return;
  }
  best.gain = gain * size;
  best.lead = lead * size;
  best.feature = feature;
  best.left = best.entries = position - start;
  best.lower = values[order[position - 1]!]!;
  best.upper = values[order[position]!]!;
}

/**
 * Try every split of a node along a sorted feature, where the entries of its list are cells: see cells.ts.
 *
 * @param order - Cells, their values ascending from `start` to `end - 1`.
 * @param labels - The cells' mean labels.
 */
function splitCellsBySquaredError(
  values: Float32Array,
  order: Int32Array,
  labels: Float64Array,
  { counts, weights }: Cells,
  start: number,
  end: number,
  minLeaf: number,
  node: NodeSummary,
  feature: number,
  best: Split,
): void {
  const { size, weight: total, value: mean } = node;
  const tolerance = (TIE_TOLERANCE * node.error) / total;
  let toBeat = best.gain / total + tolerance;
  let left = 0;
  let leftWeight = 0;
  let sum = 0;
  for (let i = start + 1; i < end; i++) {
    const cell = order[i - 1]!;
    const weight = weights[cell]!;
    left += counts[cell]!;
    leftWeight += weight;
    sum += weight * (labels[cell]! - mean);
    if (left < minLeaf) {
      continue;
    }
    if (size - left < minLeaf) {
      return;
    }
    const sides = leftWeight * (total - leftWeight);
    if (sum * sum <= toBeat * sides) {
      continue;
    }
    const lower = values[cell]!;
    const upper = values[order[i]!]!;
    if (!isBoundary(lower, upper)) {
      continue;
    }
    const gain = (sum * sum) / sides;
    toBeat = gain + tolerance;
    best.lead = gain * total - best.gain;
    best.gain = gain * total;
    best.feature = feature;
    best.left = left;
    best.entries = i - start;
    best.lower = lower;
    best.upper = upper;
  }
}

/**
 * Try every split of a node along a coded feature, from the number and the sum of the labels of each value.
 *
 * @param values - The feature's values, by code.
 * @param histogram - Filled with the node's rows.
 */
function splitCodedBySquaredError(
  values: Float32Array,
  histogram: Histogram,
  minLeaf: number,
  node: NodeSummary,
  feature: number,
  best: Split,
): void {
  const { codes, counts, sums } = histogram;
  const { size } = node;
  const tolerance = (TIE_TOLERANCE * node.error) / size;
  let toBeat = best.gain / size + tolerance;
  let left = 0;
  let sum = 0;
  for (let i = 1; i < histogram.size; i++) {
    left += counts[i - 1]!;
    sum += sums[i - 1]!;
    const right = size - left;
    if (left < minLeaf) {
      continue;
    }
    if (right < minLeaf) {
      return;
    }
    if (sum * sum <= toBeat * (left * right)) {
      continue;
    }
    const lower = values[codes[i - 1]!]!;
    const upper = values[codes[i]!]!;
    if (!isBoundary(lower, upper)) {
      continue;
    }
    const gain = (sum * sum) / (left * right);
    toBeat = gain + tolerance;
    best.lead = gain * size - best.gain;
    best.gain = gain * size;
    best.feature = feature;
    best.left = left;
    best.code = codes[i - 1]!;
    best.lower = lower;
    best.upper = upper;
  }
}
