/** The part of ml-cart 2.1 that is used here: ml-cart has no types of its own. The shapes are those of this folder. */
declare module "ml-cart" {
  // `import type` is not allowed here: an ambient module imports no file (TS2439).
  type Tree = import("./dt-regression.js").MlCartTree;
  type Node = import("./copy-tree.js").PlainNode;

  export class DecisionTreeRegression implements Tree {
    readonly root: Tree["root"];
    predict: Tree["predict"];
    /** The nodes are class instances: `JSON.parse(JSON.stringify(tree))` gives plain objects. */
    toJSON(): MlCartJson;
    /** Validates nothing but the name: give it only a tree that has been checked. */
    static load(json: MlCartJson): DecisionTreeRegression;
  }

  interface MlCartJson {
    name: "DTRegression";
    options: Partial<Record<string, string | number>>;
    /** A leaf has `distribution`; an inner node has the other five, and sends `value < splitValue` left. */
    root: Node;
  }
}
