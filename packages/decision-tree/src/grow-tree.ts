import { growTrees, type GrowthLimits } from "./grow-trees.js";
import type { TrainingSet } from "./training-set.js";
import type { Tree } from "./tree.js";

/** Grow one tree. */
export function growTree(
  set: TrainingSet,
  { minSamplesLeaf, ...limits }: Omit<GrowthLimits, "leafSizes"> & { readonly minSamplesLeaf: number },
): Tree {
  const [tree] = growTrees(set, { ...limits, leafSizes: [minSamplesLeaf] });
  return tree!;
}
