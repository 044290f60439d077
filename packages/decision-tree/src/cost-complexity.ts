import { TreeBuilder } from "./tree.js";
import type { Tree } from "./tree.js";

/** The prunings of a tree by minimal cost-complexity, from the full tree to its root alone. */
export interface CostComplexityPath {
  /** For each pruning, the least `ccpAlpha` that gives it; 0 first, ascending apart from rounding. */
  readonly ccpAlphas: Float64Array;
  /** Total impurity of the leaves of each pruning, weighted by their shares of the rows. */
  readonly impurities: Float64Array;
}

/** The tree without the branches that save less than `alpha` for each leaf. */
export function pruneByCost(tree: Tree, alpha: number): Tree {
  if (alpha === 0) {
    return tree;
  }
  const links = new WeakestLinks(tree);
  while (links.weakest <= alpha) {
    links.cut();
  }
  const builder = new TreeBuilder(tree.feature.length);
  const pending = [0];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const depth = tree.depth[node]!;
    builder.addLeaf(
      depth,
      tree.count[node]!,
      tree.weightedCount[node]!,
      tree.value[node]!,
      tree.impurity[node]!,
    );
    if (links.isInner(node)) {
      builder.split(depth, tree.feature[node]!, tree.threshold[node]!);
      pending.push(tree.right[node]!, tree.left[node]!);
    }
  }
  return builder.build(tree.featureCount);
}

/** All prunings of a tree, as scikit-learn's `ccp_pruning_path`. */
export function pruningPath(tree: Tree): CostComplexityPath {
  const links = new WeakestLinks(tree);
  const ccpAlphas = [0];
  const impurities = [links.impurity];
  while (links.weakest < Infinity) {
    ccpAlphas.push(links.weakest);
    links.cut();
    impurities.push(links.impurity);
  }
  return { ccpAlphas: Float64Array.from(ccpAlphas), impurities: Float64Array.from(impurities) };
}

/**
 * Weakest-link pruning. The weakest node is the one whose branch saves the least impurity for each leaf beyond one; of
 * equal ones, the first in the arrays. Cutting it changes its ancestors only, so that a tournament tree finds the next
 * weakest in O(depth x log nodes).
 *
 * @see Breiman et al. 1984, "Classification and Regression Trees", section 3.3.
 */
class WeakestLinks {
  readonly #tree: Tree;
  readonly #parent: Int32Array;
  /** Share of the rows x impurity: of each node as a leaf, and of the leaves of its branch. */
  readonly #ownRisk: Float64Array;
  readonly #branchRisk: Float64Array;
  /** Leaves of each node's branch; 1 for leaves and cut nodes. */
  readonly #leaves: Int32Array;
  /** Impurity that a branch saves for each leaf beyond one; Infinity for leaves, and for nodes that are cut off. */
  readonly #alpha: Float64Array;
  /** Tournament of the nodes: index `i` holds the winner of `2 i` and `2 i + 1`; nodes stand from `#width` on. */
  readonly #winner: Int32Array;
  readonly #width: number;

  constructor(tree: Tree) {
    const nodes = tree.feature.length;
    this.#tree = tree;
    this.#parent = new Int32Array(nodes).fill(-1);
    this.#ownRisk = tree.impurity.map(
      (impurity, node) => (tree.weightedCount[node]! * impurity) / tree.weightedCount[0]!,
    );
    this.#branchRisk = new Float64Array(nodes);
    this.#leaves = new Int32Array(nodes);
    this.#alpha = new Float64Array(nodes).fill(Infinity);
    // Children come after their parents in the arrays.
    for (let node = nodes - 1; node >= 0; node--) {
      const left = tree.left[node]!;
      const right = tree.right[node]!;
      if (left < 0) {
        this.#branchRisk[node] = this.#ownRisk[node]!;
        this.#leaves[node] = 1;
        continue;
      }
      this.#parent[left] = this.#parent[right] = node;
      this.#branchRisk[node] = this.#branchRisk[left]! + this.#branchRisk[right]!;
      this.#leaves[node] = this.#leaves[left]! + this.#leaves[right]!;
      this.#alpha[node] = this.#saving(node);
    }
    this.#width = 2 ** Math.ceil(Math.log2(nodes));
    this.#winner = new Int32Array(2 * this.#width);
    for (let place = 2 * this.#width - 1; place > 0; place--) {
      const node = place - this.#width;
      this.#winner[place] = node < 0 ? this.#better(2 * place) : Math.min(node, nodes - 1);
    }
  }

  /** Impurity that the weakest branch saves for each leaf beyond one; Infinity if the root is a leaf. */
  get weakest(): number {
    return this.#alpha[this.#winner[1]!]!;
  }

  /** Total impurity of the leaves that are left. */
  get impurity(): number {
    return this.#branchRisk[0]!;
  }

  /** Whether a node that is left still has its branch. */
  isInner(node: number): boolean {
    return this.#leaves[node]! > 1;
  }

  /** Make the weakest node a leaf. */
  cut(): void {
    const { left, right } = this.#tree;
    const cut = this.#winner[1]!;
    const pending = [left[cut]!, right[cut]!];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (this.isInner(node)) {
        this.#setAlpha(node, Infinity);
        pending.push(left[node]!, right[node]!);
      }
    }
    const fewer = this.#leaves[cut]! - 1;
    const more = this.#ownRisk[cut]! - this.#branchRisk[cut]!;
    for (let node = cut; node >= 0; node = this.#parent[node]!) {
      this.#leaves[node]! -= fewer;
      this.#branchRisk[node]! += more;
      this.#setAlpha(node, node === cut ? Infinity : this.#saving(node));
    }
  }

  #saving(node: number): number {
    return (this.#ownRisk[node]! - this.#branchRisk[node]!) / (this.#leaves[node]! - 1);
  }

  #setAlpha(node: number, alpha: number): void {
    this.#alpha[node] = alpha;
    for (let place = (node + this.#width) >> 1; place > 0; place >>= 1) {
      const before = this.#winner[place]!;
      const winner = this.#better(2 * place);
      if (winner === before && winner !== node) {
        return;
      }
      this.#winner[place] = winner;
    }
  }

  #better(place: number): number {
    const first = this.#winner[place]!;
    const second = this.#winner[place + 1]!;
    return this.#alpha[second]! < this.#alpha[first]! ? second : first;
  }
}
