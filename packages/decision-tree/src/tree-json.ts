import type { Tree } from "./tree.js";
import { checkTreeParams } from "./tree-params.js";
import type { TreeParams } from "./tree-params.js";

/** A fitted tree as plain JSON: flat arrays, one element per node, as in `Tree`. null is an unknown number. */
export interface TreeJson {
  readonly format: "decision-tree/regressor";
  readonly formatVersion: 1;
  readonly params: TreeParams;
  readonly featureCount: number;
  /** -1 in leaves. */
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly (number | null)[];
  readonly impurity: readonly (number | null)[];
  /** Training rows in each node; 0 in all nodes if they are unknown. */
  readonly count: readonly number[];
  /** Left out if it equals `count`. */
  readonly weightedCount?: readonly number[];
}

/**
 * Maximum featureCount of a tree from JSON. A number alone costs its writer nothing, but importances take memory for
 * each feature.
 */
const MAX_FEATURES = 2 ** 20;

/** Rounding error allowed between the weight of a node and the sum of its children's, as a share. */
const WEIGHT_TOLERANCE = 1e-9;

/** The tree as JSON. */
export function treeToJson(tree: Tree, params: TreeParams): TreeJson {
  const nullable = (values: Float64Array) =>
    Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return {
    format: "decision-tree/regressor",
    formatVersion: 1,
    params,
    featureCount: tree.featureCount,
    feature: Array.from(tree.feature),
    threshold: Array.from(tree.threshold),
    left: Array.from(tree.left),
    right: Array.from(tree.right),
    value: nullable(tree.value),
    impurity: nullable(tree.impurity),
    count: Array.from(tree.count),
    ...(tree.weightedCount.some((weight, node) => weight !== tree.count[node]) && {
      weightedCount: Array.from(tree.weightedCount),
    }),
  };
}

/**
 * Make a tree from untrusted JSON. The check of its shape ensures that every row ends in a leaf.
 *
 * @throws {TypeError} Not the format, or a node whose children do not have its rows; the message names the field, and
 *   the node from 0.
 * @throws {RangeError} Parameters that are not allowed.
 */
export function treeFromJson(json: unknown): { tree: Tree; params: TreeParams } {
  const fields = readObject(json, "the tree");
  if (fields.format !== "decision-tree/regressor" || fields.formatVersion !== 1) {
    throw new TypeError("the tree's format is not decision-tree/regressor, version 1");
  }
  const { featureCount } = fields;
  if (typeof featureCount !== "number" || !isFrom(1)(featureCount) || featureCount > MAX_FEATURES) {
    throw new TypeError(`featureCount is not an integer from 1 to ${MAX_FEATURES.toLocaleString("en")}`);
  }
  const feature = readNumbers(fields, "feature", (value) => isFrom(-1)(value) && value < featureCount);
  const size = feature.length;
  // A child comes after its parent, so every path ends.
  const isChild = (value: number, node: number) =>
    feature[node]! < 0 ? value === -1 : isFrom(node + 1)(value) && value < size;
  const isKnown = (value: number, node: number) => Number.isFinite(value) || feature[node]! >= 0;
  const count = readNumbers(fields, "count", isFrom(0), size);
  const left = Int32Array.from(readNumbers(fields, "left", isChild, size));
  const right = Int32Array.from(readNumbers(fields, "right", isChild, size));
  const tree: Tree = {
    featureCount,
    feature: Int32Array.from(feature),
    threshold: readNumbers(fields, "threshold", Number.isFinite, size),
    left,
    right,
    value: readNumbers(fields, "value", isKnown, size),
    impurity: readNumbers(fields, "impurity", (value) => Number.isNaN(value) || value >= 0, size),
    count: Int32Array.from(count),
    weightedCount:
      fields.weightedCount === undefined
        ? count
        : readNumbers(fields, "weightedCount", (weight) => weight >= 0 && weight < Infinity, size),
    depth: measureDepths(left, right),
  };
  checkCounts("count", tree.count, tree, 0);
  checkCounts("weightedCount", tree.weightedCount, tree, WEIGHT_TOLERANCE);
  return { tree, params: checkTreeParams(readObject(fields.params, "params")) };
}

/** Check that nodes have rows, unless no node has any, and that each node has those of its two children. */
function checkCounts(
  name: string,
  counts: Int32Array | Float64Array,
  { left, right }: Tree,
  tolerance: number,
): void {
  counts.forEach((count, node) => {
    if (count === 0 && counts[0]! > 0) {
      throw new TypeError(`${name} of node ${node} is 0, which is not allowed there`);
    }
    const children = left[node]! < 0 ? count : counts[left[node]!]! + counts[right[node]!]!;
    if (Math.abs(children - count) > tolerance * count) {
      throw new TypeError(`${name} of node ${node} is ${count}, but its children have ${children}`);
    }
  });
}

function isFrom(minimum: number): (value: number) => boolean {
  return (value) => Number.isInteger(value) && value >= minimum && value < 2 ** 31;
}

function measureDepths(left: Int32Array, right: Int32Array): Int32Array {
  const depth = new Int32Array(left.length).fill(-1);
  depth[0] = 0;
  for (let node = 0; node < left.length; node++) {
    if (depth[node]! < 0) {
      throw new TypeError(`node ${node} has no parent`);
    }
    for (const child of [left[node]!, right[node]!]) {
      if (child < 0) {
        continue;
      }
      if (depth[child]! >= 0) {
        throw new TypeError(`node ${child} has two parents`);
      }
      depth[child] = depth[node]! + 1;
    }
  }
  return depth;
}

function readObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${name} is no object`);
  }
  return { ...value };
}

/** The array `fields[name]` of `size` allowed numbers (default: any number but 0). null is read as NaN. */
function readNumbers(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  isAllowed: (value: number, node: number) => boolean,
  size?: number,
): Float64Array {
  const values: unknown = fields[name];
  if (!Array.isArray(values)) {
    throw new TypeError(`${name} is no array`);
  }
  const items: readonly unknown[] = values;
  if (items.length === 0) {
    throw new TypeError("the tree has no nodes");
  }
  if (items.length !== (size ?? items.length)) {
    throw new TypeError(`${name} has ${items.length} elements, expected ${size ?? 0}`);
  }
  return Float64Array.from(items, (item, node) => {
    const value = item === null ? Number.NaN : item;
    if (typeof value === "number" && isAllowed(value, node)) {
      return value;
    }
    throw new TypeError(`${name} of node ${node} is ${JSON.stringify(item)}, which is not allowed there`);
  });
}
