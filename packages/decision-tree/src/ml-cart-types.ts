/** A node of ml-cart. A leaf has a `distribution`; other nodes send `value < splitValue` to the left. */
export interface MlCartNode {
  /** Training rows in the node. ml-cart itself does not know this field; trees from ml-cart alone lack it. */
  samples?: number;
  /** Sum of their sample weights. Left out of a tree without weights. */
  weightedSamples?: number;
  distribution?: number;
  splitColumn?: number;
  splitValue?: number;
  gain?: number;
  left?: MlCartNode;
  right?: MlCartNode;
}

/** A tree as ml-cart writes and loads it: plain data except the nodes, which are class instances. */
export interface MlCartJson {
  name: "DTRegression";
  options: {
    gainFunction?: string;
    splitFunction?: string;
    minNumSamples?: number;
    maxDepth?: number;
    kind?: string;
  };
  root: MlCartNode;
}

/** The part of ml-cart's `DecisionTreeRegression` that is used here, because ml-cart has no types. */
export interface MlCartTree {
  /** Rows of values in column order: `[[a, b]]` is one row, `[a, b]` would be two rows of one column. */
  predict(rows: number[][]): number[];
  readonly root: {
    /** The prediction for one row of values in column order. */
    classify(row: ArrayLike<number>): number;
  };
  /** The root is the live node, not a copy. */
  toJSON(): MlCartJson;
}

/** The part of the module `ml-cart` that is used here. */
export interface MlCart {
  readonly DecisionTreeRegression: { load(json: MlCartJson): MlCartTree };
}
