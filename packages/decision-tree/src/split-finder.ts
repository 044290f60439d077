import { findAbsoluteErrorSplit, MedianWorkspace, summariseAbsoluteError } from "./absolute-error.js";
import { SortedColumns } from "./sorted-columns.js";
import { isBoundary, type Split } from "./split.js";
import { findSquaredErrorSplit, type NodeSummary, summariseSquaredError } from "./squared-error.js";
import type { TrainingSet } from "./training-set.js";
import type { Criterion } from "./tree.js";

/** Search of the best split of a node, over all features in their order. */
export class SplitFinder {
  readonly columns: SortedColumns;
  readonly #minLeaf: number;
  readonly #median: MedianWorkspace | undefined;
  readonly #best: Split = { gain: -Infinity, feature: -1, position: -1 };

  constructor(set: TrainingSet, criterion: Criterion, minLeaf: number) {
    const absolute = criterion === "absolute_error";
    this.columns = new SortedColumns(set, absolute);
    this.#minLeaf = minLeaf;
    this.#median = absolute ? new MedianWorkspace(set.labels.length) : undefined;
  }

  /** Value and error of the node of rows `start` to `end - 1`. */
  summarise(start: number, end: number, out: NodeSummary): void {
    const { byLabel, features } = this.columns;
    if (byLabel === undefined) summariseSquaredError(features[0]!.labels, start, end, out);
    else summariseAbsoluteError(byLabel.labels, start, end, out);
  }

  /**
   * The best split: of those that are equal but for rounding, that of the first feature, and of its lowest threshold.
   *
   * @returns An object that the next call fills again; `feature` is -1 where no split leaves enough rows on each side.
   */
  find(start: number, end: number, node: NodeSummary): Split {
    const best = this.#best;
    best.gain = -Infinity;
    best.feature = -1;
    this.#median?.enter(this.columns.byLabel!.rows, start, end);
    for (let feature = 0; feature < this.columns.features.length; feature++) {
      this.#findAlong(feature, start, end, node, best);
    }
    return best;
  }

  #findAlong(feature: number, start: number, end: number, node: NodeSummary, best: Split): void {
    const { values, rows, labels } = this.columns.features[feature]!;
    if (!isBoundary(values[start]!, values[end - 1]!)) return;
    const { byLabel } = this.columns;
    if (this.#median === undefined || byLabel === undefined) {
      findSquaredErrorSplit(values, labels, start, end, this.#minLeaf, node, feature, best);
    } else {
      const sorted = byLabel.labels;
      findAbsoluteErrorSplit(
        values,
        rows,
        sorted,
        start,
        end,
        this.#minLeaf,
        node,
        this.#median,
        feature,
        best,
      );
    }
  }
}
