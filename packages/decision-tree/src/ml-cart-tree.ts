/** A node of ml-cart's: a leaf has `distribution` alone; the others send `value < splitValue` to the left. */
export interface MlCartNode {
  distribution?: number;
  splitColumn?: number;
  splitValue?: number;
  gain?: number;
  left?: MlCartNode;
  right?: MlCartNode;
}

/** What ml-cart writes of a tree, and loads: plain data but for the nodes, which are class instances. */
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

/** ml-cart's `DecisionTreeRegression`, as far as it is used here: ml-cart has no types of its own. */
export interface MlCartTree {
  /** Rows of values in column order: `[[a, b]]` is one row, `[a, b]` would be two rows of one column. */
  predict(rows: number[][]): number[];
  readonly root: {
    /** The prediction for one row of values in column order. */
    classify(row: ArrayLike<number>): number;
  };
  toJSON(): MlCartJson;
}
