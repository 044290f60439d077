import type { Tree } from "./tree.js";

/**
 * How much each feature lessens the criterion, as parts of the whole: the sum over its splits of the total error
 * before less the total error after, divided by that of all features. All 0 for a tree without splits.
 *
 * @throws {Error} The tree came from ml-cart, which keeps neither counts nor impurities.
 * @see Breiman et al. 1984, "Classification and Regression Trees", section 5.3; scikit-learn's `feature_importances_`.
 */
export function featureImportances({
  featureCount,
  feature,
  left,
  right,
  count,
  impurity,
}: Tree): Float64Array {
  if (Number.isNaN(impurity[0])) {
    throw new Error(
      "featureImportances needs counts and impurities, which a tree from ml-cart does not have",
    );
  }
  const importances = new Float64Array(featureCount);
  const error = (node: number) => count[node]! * impurity[node]!;
  feature.forEach((column, node) => {
    if (column >= 0) importances[column]! += error(node) - error(left[node]!) - error(right[node]!);
  });
  const total = importances.reduce((sum, importance) => sum + importance, 0);
  return total > 0 ? importances.map((importance) => importance / total) : importances;
}
