/** What this project uses of ml-cart 2.1, which has no types of its own. */
declare module "ml-cart" {
  interface MlCartOptions {
    gainFunction?: string;
    splitFunction?: string;
    minNumSamples?: number;
    maxDepth?: number;
    kind?: string;
  }

  /** A leaf has `distribution`; an inner node has the other five, and sends `value < splitValue` left. */
  interface MlCartNode {
    distribution?: number;
    splitColumn?: number;
    splitValue?: number;
    gain?: number;
    left?: MlCartNode;
    right?: MlCartNode;
  }

  interface MlCartJson {
    name: "DTRegression";
    options: MlCartOptions;
    root: MlCartNode;
  }

  export class DecisionTreeRegression {
    readonly options: MlCartOptions;
    /** `classify` takes one row, its values in column order. */
    readonly root: { classify(row: ArrayLike<number>): number };
    /** Rows of values in column order: `[[a, b]]` is one row, `[a, b]` would be two rows of one column. */
    predict(rows: number[][]): number[];
    /** The nodes are class instances: `JSON.parse(JSON.stringify(tree))` gives plain objects. */
    toJSON(): MlCartJson;
    /** Validates nothing but the name: give it only a tree that has been checked. */
    static load(model: MlCartJson): DecisionTreeRegression;
  }
}
