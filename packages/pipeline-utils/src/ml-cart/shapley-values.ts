import type { CountedTree } from "./counted-tree.js";

// A leaf contributes its value times a product over the columns of its path: o if the column is known, and z if it is
// not. Here o is 1 if the row takes the leaf's side at all splits by the column, else 0. And z is the product of the
// shares of training rows that take these sides. The Shapley value averages over all orders in which columns become
// known. With a random time in [0, 1] for each column, this is an integral over the time t:
//
//   value of column i = integral of (sum over leaves: leaf value x (o_i - z_i) x product over j != i: o_j t + z_j (1 - t))
//
// The integrand is a polynomial of t. Its degree is less than the number of columns on a path, so that Gauss-Legendre
// quadrature is exact. All terms of the products are positive, and nothing is lost by cancellation.
//
// Sources: the game is that of Lundberg et al. 2020, "From local explanations to global understanding with explainable
// AI for trees", Nature Machine Intelligence 2 (path-dependent TreeSHAP). The integral is in Owen 1972, "Multilinear
// extensions of games". Summing it up in one walk of the tree follows Yu et al. 2022, "Linear TreeShap".

/**
 * Exact Shapley values of a tree's prediction for one row: O(nodes x columns on a path), for any number of columns.
 *
 * @param row - Values as 32-bit floats, at least one for each column of the tree.
 * @returns One value for each element of `row`.
 */
export function shapleyValues(tree: CountedTree, row: readonly number[]): number[] {
  return new ShapleyWalk(tree, row).run();
}

/** A walk of the whole tree. At each point of the quadrature, every level has a product and a sum. */
class ShapleyWalk {
  readonly #tree: CountedTree;
  readonly #row: readonly number[];
  readonly #points: Float64Array;
  readonly #weights: Float64Array;
  /** By level and point: the product of the path to the node. */
  readonly #products: Float64Array;
  /** By level and point: the sum, over the leaves below the node, of leaf value times product. */
  readonly #sums: Float64Array;
  /** By column: o and z of the path to the node. */
  readonly #known: Float64Array;
  readonly #shares: Float64Array;
  readonly #values: number[];

  constructor(tree: CountedTree, row: readonly number[]) {
    const { points, weights } = gaussLegendre(Math.ceil(tree.maxPathColumns / 2));
    this.#tree = tree;
    this.#row = row;
    this.#points = points;
    this.#weights = weights;
    this.#products = new Float64Array((tree.depth + 1) * points.length).fill(1);
    this.#sums = new Float64Array(this.#products.length);
    this.#known = new Float64Array(tree.columns).fill(1);
    this.#shares = new Float64Array(tree.columns).fill(1);
    this.#values = row.map(() => 0);
  }

  run(): number[] {
    this.#visit(0, 0);
    return this.#values;
  }

  /**
   * Compute the sums of a node, and add the values of all splits below it.
   *
   * @param level - Index of the level's first product and sum.
   */
  #visit(node: number, level: number): void {
    const { column: columns, threshold, right, weight, mean } = this.#tree;
    const points = this.#points;
    const products = this.#products;
    const sums = this.#sums;
    const column = columns[node]!;
    if (column < 0) {
      // Relative to the mean, which adds nothing to any value, so that a large common offset costs no precision.
      const value = mean[node]! - mean[0]!;
      for (let k = 0; k < points.length; k++) {
        sums[level + k] = value * products[level + k]!;
      }
      return;
    }
    const known = this.#known[column]!;
    const share = this.#shares[column]!;
    for (let k = 0; k < points.length; k++) {
      products[level + k]! /= factorAt(points[k]!, known, share);
      sums[level + k] = 0;
    }
    const left = node + 1;
    const isLeft = this.#row[column]! <= threshold[node]!;
    const leftShare = share * (weight[left]! / weight[node]!);
    const rightShare = share * (weight[right[node]!]! / weight[node]!);
    let value = this.#visitChild(left, level, column, isLeft ? known : 0, leftShare);
    value += this.#visitChild(right[node]!, level, column, isLeft ? 0 : known, rightShare);
    this.#known[column] = known;
    this.#shares[column] = share;
    // The leaves below have o and z of the children's sides, instead of those of the path to this node.
    value -= this.#integrate(level, known, share);
    this.#values[column]! += value;
  }

  /**
   * Visit a child of a node that splits by `column`, and add its sums to those of the node.
   *
   * @param known - o of the column, with the side of the child.
   * @param share - z of the column, with the side of the child.
   * @returns The value of the column, as if no other split below the child was by it.
   */
  #visitChild(child: number, level: number, column: number, known: number, share: number): number {
    const points = this.#points;
    const products = this.#products;
    const sums = this.#sums;
    const childLevel = level + points.length;
    for (let k = 0; k < points.length; k++) {
      products[childLevel + k] = products[level + k]! * factorAt(points[k]!, known, share);
    }
    this.#known[column] = known;
    this.#shares[column] = share;
    this.#visit(child, childLevel);
    for (let k = 0; k < points.length; k++) {
      sums[level + k]! += sums[childLevel + k]!;
    }
    return this.#integrate(childLevel, known, share);
  }

  /** The integral of a level's sums times o - z, without the column's factor. */
  #integrate(level: number, known: number, share: number): number {
    const points = this.#points;
    let integral = 0;
    for (let k = 0; k < points.length; k++) {
      integral += (this.#weights[k]! * this.#sums[level + k]!) / factorAt(points[k]!, known, share);
    }
    return (known - share) * integral;
  }
}

/** A column's factor at a point: o t + z (1 - t). */
function factorAt(t: number, known: number, share: number): number {
  return known * t + share * (1 - t);
}

/** Newton's method doubles the correct digits in each step. From its first guess, it takes about five steps. */
const MAX_NEWTON_STEPS = 20;

/**
 * Gauss-Legendre quadrature over [0, 1]: exact for polynomials of degree up to 2 x size - 1.
 *
 * @see Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 25.4.29.
 */
function gaussLegendre(size: number): { points: Float64Array; weights: Float64Array } {
  const points = new Float64Array(size);
  const weights = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (size + 0.5));
    let slope = 0;
    for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
      const { value, derivative } = legendre(size, x);
      slope = derivative;
      x -= value / derivative;
      if (Math.abs(value / derivative) < Number.EPSILON) {
        break;
      }
    }
    points[i] = (1 + x) / 2;
    weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

/** The Legendre polynomial of a degree at x, by Bonnet's recursion, and its derivative. */
function legendre(degree: number, x: number): { value: number; derivative: number } {
  let before = 1;
  let value = x;
  for (let n = 2; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
    before = value;
    value = next;
  }
  return { value, derivative: (degree * (x * value - before)) / (x * x - 1) };
}
