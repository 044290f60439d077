import { readFeatures, readLabels, readWeights } from "./column.js";
import type { Column } from "./column.js";
import { pruningPath } from "./cost-complexity.js";
import type { CostComplexityPath } from "./cost-complexity.js";
import { exportText } from "./export-text.js";
import type { ExportTextOptions } from "./export-text.js";
import { growTree } from "./growth.js";
import { r2Score } from "./metrics.js";
import { fromMlCart, toMlCart } from "./ml-cart.js";
import type { MlCartTree } from "./ml-cart-types.js";
import { NotFittedError } from "./regressor.js";
import { positiveRows, sortTrainingSet } from "./training-set.js";
import { applyRows, featureImportances, findPath, predictRows, treeDepth } from "./tree.js";
import type { Tree } from "./tree.js";
import { treeFromJson, treeToJson } from "./tree-json.js";
import type { TreeJson } from "./tree-json.js";
import { checkTreeParams, resolveSizes } from "./tree-params.js";
import type { TreeParams } from "./tree-params.js";

/** Set the tree of a regressor that was grown elsewhere, for example in a thread. */
export let adoptTree: (regressor: DecisionTreeRegressor, tree: Tree) => void;

/**
 * An exact CART regression tree, after scikit-learn's `DecisionTreeRegressor`.
 *
 * Input is columns, one per feature, each of one number per row. As in scikit-learn, features are compared as
 * 32-bit floats and `value <= threshold` goes left. Ties, which scikit-learn settles by chance, go to the first
 * feature and its lowest threshold. The tree does not depend on the order of rows, to the last bit.
 *
 * @example
 * ```ts
 * import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
 *
 * const orders = Float64Array.of(10, 20, 100, 110);
 * const hours = Float64Array.of(1, 2, 6, 8);
 * const tree = new DecisionTreeRegressor({ maxDepth: 1 }).fit([orders], hours);
 * console.log(tree.predict([Float64Array.of(15, 105)]));
 * ```
 *
 * prints
 *
 * ```
 * Float64Array(2) [ 1.5, 7 ]
 * ```
 */
export class DecisionTreeRegressor {
  readonly params: TreeParams;
  #tree: Tree | undefined;

  static {
    adoptTree = (regressor, tree) => {
      regressor.#tree = tree;
    };
  }

  /**
   * @param params - See TreeParams for defaults.
   * @throws {TypeError} An unknown parameter.
   * @throws {RangeError} A value that is not allowed.
   */
  constructor(params: Partial<TreeParams> = {}) {
    this.params = checkTreeParams(params);
  }

  /** An unfitted tree with some parameters changed. A subclass needs its own `withParams` to be searched. */
  withParams(params: Partial<TreeParams>): DecisionTreeRegressor {
    return new DecisionTreeRegressor({ ...this.params, ...params });
  }

  /** The nodes of the fitted tree. @throws {NotFittedError} Before `fit`. */
  get tree(): Tree {
    if (this.#tree === undefined) {
      throw new NotFittedError("DecisionTreeRegressor");
    }
    return this.#tree;
  }

  /**
   * Grow the tree.
   *
   * @param columns - Feature columns, shape (features, rows): finite numbers.
   * @param y - Labels, one per row: finite numbers.
   * @param sampleWeight - Weight of each row: 0, which leaves the row out, or 1e-12 to 1e6. Default: 1.
   * @throws {RangeError} No column, no row, lengths that differ, NaN, infinities, values too large for float32, or
   *   weights that are not allowed.
   * @throws {TypeError} Columns that are not numbers, or with nulls.
   */
  fit(columns: readonly Column[], y: Column, sampleWeight?: Column): this {
    this.#tree = grow(this.params, columns, y, sampleWeight);
    return this;
  }

  /**
   * All prunings of the tree that `fit` would grow without `ccpAlpha`: the values of `ccpAlpha` worth trying.
   *
   * @param columns - As for `fit`, like the other parameters.
   * @throws Like `fit`.
   */
  costComplexityPruningPath(
    columns: readonly Column[],
    y: Column,
    sampleWeight?: Column,
  ): CostComplexityPath {
    return pruningPath(grow({ ...this.params, ccpAlpha: 0 }, columns, y, sampleWeight));
  }

  /**
   * Predict every row.
   *
   * @param columns - The features of `fit`, in their order.
   * @throws {NotFittedError} Before `fit`.
   * @throws {RangeError} Another number of columns than in training, or values that `fit` rejects.
   */
  predict(columns: readonly Column[]): Float64Array {
    return predictRows(this.tree, this.#readFeatures(columns));
  }

  /**
   * The leaf of every row, as node numbers in `tree`.
   *
   * @param columns - The features of `fit`, in their order.
   * @throws Like `predict`.
   */
  apply(columns: readonly Column[]): Int32Array {
    return applyRows(this.tree, this.#readFeatures(columns));
  }

  /** r2 of the predictions. */
  score(columns: readonly Column[], y: Column): number {
    return r2Score(y, this.predict(columns));
  }

  /** Splits on the longest path: 0 for a tree of one leaf. @throws {NotFittedError} Before `fit`. */
  get depth(): number {
    return treeDepth(this.tree);
  }

  /** Number of leaves. @throws {NotFittedError} Before `fit`. */
  get nLeaves(): number {
    return this.tree.feature.reduce((leaves, feature) => leaves + (feature < 0 ? 1 : 0), 0);
  }

  /**
   * Importance of each feature: its share of the total reduction of the criterion. All 0 for a tree of one leaf.
   *
   * @throws {NotFittedError} Before `fit`.
   * @throws {Error} The tree came from ml-cart, which keeps no impurities.
   */
  get featureImportances(): Float64Array {
    return featureImportances(this.tree);
  }

  /**
   * The path of a row from the root (node 0) to its leaf, as node numbers in `tree`.
   *
   * @param row - One value per feature, in the order of the columns.
   */
  decisionPath(row: ArrayLike<number>): Int32Array {
    return findPath(this.tree, this.#readFeatures(Array.from(row, (value) => [value])), 0);
  }

  /** The tree as text, as scikit-learn's `export_text` prints it. */
  exportText(options?: ExportTextOptions): string {
    return exportText(this.tree, options);
  }

  /** The parameters and the fitted tree as plain JSON in flat arrays; `JSON.stringify` calls it. */
  toJSON(): TreeJson {
    return treeToJson(this.tree, this.params);
  }

  /**
   * Make a fitted regressor from the JSON of `toJSON`. Untrusted JSON is safe, because its shape is checked.
   *
   * @throws {TypeError} Not the format; the message names the field and the node.
   */
  static fromJSON(json: unknown): DecisionTreeRegressor {
    const { tree, params } = treeFromJson(json);
    const regressor = new DecisionTreeRegressor(params);
    regressor.#tree = tree;
    return regressor;
  }

  /**
   * The fitted tree as an ml-cart model: `JSON.stringify` it, and `DecisionTreeRegression.load` it anywhere. Its nodes
   * have `samples` (and `weightedSamples`), which ml-cart's `load` drops.
   *
   * Round feature values with `Math.fround` before ml-cart's `predict`: training compared them as 32-bit floats.
   *
   * @throws {NotFittedError} Before `fit`.
   * @throws {RangeError} A tree deeper than 1,000 levels.
   */
  toMlCart(): MlCartTree {
    return toMlCart(this.tree, this.params);
  }

  /**
   * A fitted regressor from an ml-cart model, with default parameters. It predicts, but has no featureImportances and
   * no values of inner nodes, since ml-cart does not keep them. It has counts if the nodes have `samples`.
   *
   * @param featureCount - Number of columns; ml-cart does not keep it.
   * @throws {TypeError} A node that is neither a leaf nor complete.
   * @throws {RangeError} A split by a column that is not there.
   */
  static fromMlCart(model: MlCartTree, featureCount: number): DecisionTreeRegressor {
    const regressor = new DecisionTreeRegressor();
    regressor.#tree = fromMlCart(model, featureCount);
    return regressor;
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

function grow(params: TreeParams, columns: readonly Column[], y: Column, sampleWeight?: Column): Tree {
  const labels = readLabels(y);
  const features = readFeatures(columns, labels.length);
  const weights = sampleWeight && readWeights(sampleWeight, labels.length);
  const set = positiveRows(sortTrainingSet(features, labels, weights));
  return growTree(set, resolveSizes(params, labels.length));
}
