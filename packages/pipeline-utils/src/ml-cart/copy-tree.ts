import type { JsonValue } from "../aws/models/json-value.js";

/** The nodes of a tree as plain JSON, with ml-cart's names. */
export interface PlainNode {
  [field: string]: JsonValue;
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Copy a regression tree into plain objects, and check each node.
 *
 * A leaf has a finite `distribution`. An inner node has a valid `splitColumn`, a finite `splitValue` and two children.
 * A finite `gain` is kept. Other fields and inherited ones are ignored. A loop instead of recursion, so that deep trees
 * cannot overflow the stack.
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
    const own = (name: string): unknown => (Object.hasOwn(source, name) ? source[name] : undefined);
    const [left, right] = [own("left"), own("right")];
    if (left === undefined && right === undefined) {
      target.distribution = finite(own("distribution"), `${path}.distribution`);
      continue;
    }
    // In the order of the canonical form, in which they are hashed without sorting.
    const gain = own("gain");
    if (typeof gain === "number" && Number.isFinite(gain)) {
      target.gain = gain;
    }
    target.left = {};
    target.right = {};
    target.splitColumn = column(own("splitColumn"), columns, path);
    target.splitValue = finite(own("splitValue"), `${path}.splitValue`);
    todo.push({ source: left, target: target.left, path: `${path}.left`, depth: depth + 1 });
    todo.push({ source: right, target: target.right, path: `${path}.right`, depth: depth + 1 });
  }
  return copy;
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
