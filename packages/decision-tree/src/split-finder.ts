import type { NodeSummary } from "./node-summary.js";
import type { Split } from "./split.js";

/** Search of the best split of a node, by one criterion. */
export interface SplitFinder {
  /** Value and error of the node at `start` to `end - 1`. */
  summarise(start: number, end: number, out: NodeSummary): void;
  /**
   * The best split: of those that are equal but for rounding, that of the first feature, and of its lowest threshold.
   *
   * @param minLeaf - Fewest rows on each side.
   * @returns An object that the next call fills again; `feature` is -1 where no split leaves enough rows on each side.
   */
  find(start: number, end: number, node: NodeSummary, minLeaf: number): Split;
}
