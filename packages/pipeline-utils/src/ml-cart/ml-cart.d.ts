/** The part of ml-cart 2.1 that is used here: ml-cart has no types of its own. copy-tree.ts has the shape of its nodes. */
declare module "ml-cart" {
  // API Extractor reads this file beside the built declarations: it can import none of the sources, as for MlCartTree.
  export class DecisionTreeRegression {
    readonly root: { classify(row: ArrayLike<number>): number };
    predict(rows: number[][]): number[];
    /** The nodes are class instances: `JSON.parse(JSON.stringify(tree))` gives plain objects. */
    toJSON(): object;
    /** Validates nothing but the name: give it only a tree that has been checked. */
    static load(json: { name: "DTRegression"; options: object; root: object }): DecisionTreeRegression;
  }
}
