import type { DecisionTreeRegression } from "ml-cart";
import { type Column, readFeatures, readLabels } from "./column.js";
import { growTree } from "./grow-tree.js";
import { NotFittedError } from "./not-fitted-error.js";
import { r2Score } from "./r2-score.js";
import { toMlCart } from "./to-ml-cart.js";
import { sortTrainingSet } from "./training-set.js";
import { checkTreeParams, type TreeParams } from "./tree-params.js";
import { predictRows, type Tree } from "./tree.js";

/**
 * An exact CART regression tree, after scikit-learn's `DecisionTreeRegressor`.
 *
 * Input is columns, one per feature, each of one number per row. As in scikit-learn, features are compared as
 * 32-bit floats and `value <= threshold` goes left. Ties, which scikit-learn settles by chance, go to the first
 * feature and its lowest threshold; the tree does not depend on the order of rows, to the last bit.
 */
export class DecisionTreeRegressor {
  readonly params: TreeParams;
  #tree: Tree | undefined;

  /**
   * @param params - See TreeParams for defaults.
   * @throws {RangeError} An unknown parameter, or a value that is not allowed.
   */
  constructor(params: Partial<TreeParams> = {}) {
    this.params = checkTreeParams(params);
  }

  /** An unfitted tree with some parameters changed. */
  withParams(params: Partial<TreeParams>): DecisionTreeRegressor {
    return new DecisionTreeRegressor({ ...this.params, ...params });
  }

  /** The fitted tree's nodes. @throws {NotFittedError} Before `fit`. */
  get tree(): Tree {
    if (this.#tree === undefined) throw new NotFittedError("DecisionTreeRegressor");
    return this.#tree;
  }

  /**
   * Grow the tree.
   *
   * @param columns - Feature columns, shape (features, rows): finite numbers.
   * @param y - Labels, one per row: finite numbers.
   * @throws {RangeError} No column, no row, lengths that differ, NaN, infinities, values too large for float32.
   * @throws {TypeError} Columns that are not numbers, or with nulls.
   */
  fit(columns: readonly Column[], y: Column): this {
    const labels = readLabels(y);
    const features = readFeatures(columns, labels.length);
    const { criterion, minSamplesSplit, minSamplesLeaf, maxDepth } = this.params;
    const limits = { criterion, minSamplesSplit, minSamplesLeaf, maxDepth: maxDepth ?? Infinity };
    this.#tree = growTree(sortTrainingSet(features, labels), limits);
    return this;
  }

  /**
   * Predict every row.
   *
   * @param columns - The features of `fit`, in their order.
   * @throws {NotFittedError} Before `fit`.
   * @throws {RangeError} Another number of columns than in training, or values that `fit` refuses.
   */
  predict(columns: readonly Column[]): Float64Array {
    return predictRows(this.tree, this.#readFeatures(columns));
  }

  /** r2 of the predictions. */
  score(columns: readonly Column[], y: Column): number {
    return r2Score(y, this.predict(columns));
  }

  /**
   * The fitted tree as an ml-cart model: `JSON.stringify` it, and `DecisionTreeRegression.load` it anywhere.
   *
   * Round feature values with `Math.fround` before ml-cart's `predict`: training compared them as 32-bit floats.
   *
   * @throws {NotFittedError} Before `fit`.
   */
  toMlCart(): DecisionTreeRegression {
    return toMlCart(this.tree, this.params);
  }

  #readFeatures(columns: readonly Column[]): Float32Array[] {
    const { featureCount } = this.tree;
    const features = readFeatures(columns);
    if (features.length !== featureCount) {
      throw new RangeError(
        `X has ${features.length} features, but DecisionTreeRegressor is expecting ${featureCount} features as input`,
      );
    }
    return features;
  }
}
