/**
 * The part of ml-cart 2.1 that is used here, because ml-cart has no types. For the shape of nodes, see copy-tree.ts.
 */
declare module "ml-cart" {
  // API Extractor reads this file next to the built declarations, so it cannot import types such as MlCartTree.
  interface TreeNode {
    classify(row: ArrayLike<number>): number;
    left?: TreeNode;
    right?: TreeNode;
    /** Set after loading: ml-cart does not know it. */
    samples?: number;
    weightedSamples?: number;
  }
  export class DecisionTreeRegression {
    readonly root: TreeNode;
    predict(rows: number[][]): number[];
    /** Nodes are class instances. `JSON.parse(JSON.stringify(tree))` gives plain objects. */
    toJSON(): object;
    /** Checks nothing but the name. Call it only with a tree that has been checked. */
    static load(json: { name: "DTRegression"; options: object; root: object }): DecisionTreeRegression;
  }
}
