import type { JsonValue } from "../aws/models/json-value.js";

/** The methods of ml-cart's regression tree that are used here. ml-cart has no types of its own. */
export interface MlCartTree {
  /** Predict rows, shape (rows, columns). `[[a, b]]` is one row, but `[a, b]` would be two rows of one column. */
  predict(rows: number[][]): number[];
  readonly root: {
    /** The prediction for one row of values in column order. */
    classify(row: ArrayLike<number>): number;
  };
  toJSON(): unknown;
}

/** The nodes of a tree as plain JSON, with ml-cart's names, and the counts that decision-tree adds. */
export interface PlainNode {
  [field: string]: JsonValue;
  /** Training rows in the node. All nodes of a tree have this, or none. */
  samples?: number;
  /** Sum of the rows' sample weights. All nodes of a weighted tree have this; other trees leave it out. */
  weightedSamples?: number;
  splitColumn?: number;
  splitValue?: number;
  gain?: number;
  left?: PlainNode;
  right?: PlainNode;
  distribution?: number;
}

/** Limit on the depth: ml-cart walks its trees by recursion, and deeper ones would overflow the stack. */
const MAX_DEPTH = 1_000;
/** Limit on the number of nodes: at 2 million, a tree already takes hundreds of megabytes of JSON. */
const MAX_NODES = 2_000_000;
/** Limit on the columns if the number of features is unknown. */
const MAX_COLUMNS = 100_000;
/** Rounding error allowed between the weight of a node and the sum of its children's, as a share. */
const WEIGHT_TOLERANCE = 1e-9;

/** A field that counts the rows of a node. */
interface CountField {
  readonly name: "samples" | "weightedSamples";
  readonly isAllowed: (count: number) => boolean;
  readonly expected: string;
  readonly tolerance: number;
}

const COUNTS: readonly CountField[] = [
  {
    name: "samples",
    isAllowed: (count) => Number.isSafeInteger(count) && count > 0,
    expected: "a positive integer, as the root has one",
    tolerance: 0,
  },
  {
    name: "weightedSamples",
    isAllowed: (count) => count > 0 && count < Infinity,
    expected: "a positive number, as the root has one",
    tolerance: WEIGHT_TOLERANCE,
  },
];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Copy a regression tree into plain objects, and check each node.
 *
 * A leaf has a finite `distribution`. An inner node has a valid `splitColumn`, a finite `splitValue` and two children.
 * A finite `gain` is kept. If the root has `samples`, each node must have a positive integer, and the children of a node
 * must sum to it; likewise positive `weightedSamples`. Other fields and inherited ones are ignored. A loop instead of
 * recursion, so that deep trees cannot overflow the stack.
 *
 * @param root - Untrusted JSON, or a tree in memory.
 * @param columns - Number of the model's features, if known. Default: a limit of 100,000.
 * @throws {RangeError} A node is invalid, or the tree is too large or too deep. The message gives the node's path, such
 *   as `root.left.right`.
 */
export function copyTree(root: unknown, columns = MAX_COLUMNS): PlainNode {
  const copy: PlainNode = {};
  const todo: { source: unknown; target: PlainNode; path: string; depth: number }[] = [
    { source: root, target: copy, path: "root", depth: 0 },
  ];
  let nodes = 0;
  const counts =
    ownField(root, "samples") === undefined
      ? []
      : COUNTS.filter(({ name }) => ownField(root, name) !== undefined);
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { source, target, path, depth } = next;
    nodes += 1;
    if (depth > MAX_DEPTH) {
      throw new RangeError(`the tree is deeper than ${MAX_DEPTH}`);
    }
    if (nodes > MAX_NODES) {
      throw new RangeError(`the tree has more than ${MAX_NODES} nodes`);
    }
    if (!isObject(source)) {
      throw new RangeError(`${path} is not a node`);
    }
    const own = (name: string): unknown => ownField(source, name);
    const [left, right] = [own("left"), own("right")];
    const { samples, weightedSamples } = countsOf(source, counts, path);
    // Fields are set in the order of the canonical form, in which they are hashed without sorting.
    if (left === undefined && right === undefined) {
      target.distribution = finite(own("distribution"), `${path}.distribution`);
    } else {
      const gain = own("gain");
      if (typeof gain === "number" && Number.isFinite(gain)) {
        target.gain = gain;
      }
      target.left = {};
      target.right = {};
      todo.push({ source: left, target: target.left, path: `${path}.left`, depth: depth + 1 });
      todo.push({ source: right, target: target.right, path: `${path}.right`, depth: depth + 1 });
    }
    if (samples !== undefined) {
      target.samples = samples;
    }
    if (left !== undefined || right !== undefined) {
      target.splitColumn = column(own("splitColumn"), columns, path);
      target.splitValue = finite(own("splitValue"), `${path}.splitValue`);
    }
    if (weightedSamples !== undefined) {
      target.weightedSamples = weightedSamples;
    }
  }
  return copy;
}

/** The parts of a tree's JSON. */
export interface TreeFields {
  readonly root: PlainNode;
  readonly options: Readonly<Record<string, string | number>>;
}

/** Copy the parts of a tree in memory, checked as by {@link copyTree}. */
export function treeFields(tree: MlCartTree, columns?: number): TreeFields {
  const json = tree.toJSON();
  return { root: copyTree(ownField(json, "root"), columns), options: copyOptions(ownField(json, "options")) };
}

/** Settings that the tree was grown with. They are stored for information, and not used after loading. */
const OPTION_NAMES = ["gainFunction", "kind", "maxDepth", "minNumSamples", "splitFunction"] as const;

/** Copy the known options of a tree that are texts or finite numbers. */
export function copyOptions(options: unknown): TreeFields["options"] {
  const given = Object.entries(typeof options === "object" && options !== null ? options : {});
  const copy: Record<string, string | number> = {};
  for (const name of OPTION_NAMES) {
    const value: unknown = given.find(([key]) => key === name)?.[1];
    // An unlimited maxDepth is Infinity, which JSON cannot hold. Leaving it out means the same.
    if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value))) {
      copy[name] = value;
    }
  }
  return copy;
}

/**
 * The counts of a node, checked to be the sums of its children's. The children's own are checked when it is their turn.
 */
function countsOf(
  source: object,
  fields: readonly CountField[],
  path: string,
): Pick<PlainNode, "samples" | "weightedSamples"> {
  const counts: Pick<PlainNode, "samples" | "weightedSamples"> = {};
  for (const { name, isAllowed, expected, tolerance } of fields) {
    const count = ownField(source, name);
    if (typeof count !== "number" || !isAllowed(count)) {
      throw new RangeError(`${path}.${name} is ${String(count)}, expected ${expected}`);
    }
    counts[name] = count;
    const left = ownField(ownField(source, "left"), name);
    const right = ownField(ownField(source, "right"), name);
    if (typeof left === "number" && typeof right === "number") {
      const sum = left + right;
      if (!(Math.abs(sum - count) <= tolerance * count)) {
        throw new RangeError(`${path}.${name} is ${count}, but its children have ${sum}`);
      }
    }
  }
  return counts;
}

function ownField(source: unknown, name: string): unknown {
  return isObject(source) && Object.hasOwn(source, name) ? source[name] : undefined;
}

function finite(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isFinite(value)) {
    return value;
  }
  throw new RangeError(`${path} is ${String(value)}, expected a finite number`);
}

function column(value: unknown, columns: number, path: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < columns) {
    return value;
  }
  throw new RangeError(`${path}.splitColumn is ${String(value)}, expected a column from 0 to ${columns - 1}`);
}
