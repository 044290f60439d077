/** The nodes of a tree as plain JSON, with ml-cart's names. */
export interface PlainNode {
  splitColumn?: number;
  splitValue?: number;
  gain?: number;
  left?: PlainNode;
  right?: PlainNode;
  distribution?: number;
}

/** ml-cart walks its trees by recursion, which deeper ones would overflow. */
const MAX_DEPTH = 1_000;
/** A tree of 2 million nodes is already hundreds of megabytes of JSON. */
const MAX_NODES = 2_000_000;
/** Where the number of features is not known. */
const MAX_COLUMNS = 100_000;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Copy a regression tree node by node into plain objects, checking each on the way, without recursion.
 *
 * A leaf has a finite `distribution`; an inner node a `splitColumn` within the columns, a finite `splitValue`, and both
 * children; a `gain` is kept if it is finite. Nothing else is copied, and nothing inherited is read.
 *
 * @param root - Anyone's JSON, or a tree in memory.
 * @param columns - The number of the model's columns, where it is known.
 * @throws {RangeError} The message gives the path of the node, as `root.left.right`.
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
    target.splitColumn = column(own("splitColumn"), columns, path);
    target.splitValue = finite(own("splitValue"), `${path}.splitValue`);
    const gain = own("gain");
    if (typeof gain === "number" && Number.isFinite(gain)) {
      target.gain = gain;
    }
    target.left = {};
    target.right = {};
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
