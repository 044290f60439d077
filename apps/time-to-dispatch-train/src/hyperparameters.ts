const from2To10 = [2, 3, 4, 5, 6, 7, 8, 9, 10];

/** The grid of the article: 2 x 10 x 9 x 9 = 1,620 points. `null` is no limit on the depth. */
export const HYPERPARAMETER_GRID = {
  criterion: ["squared_error", "absolute_error"] as const,
  maxDepth: [...from2To10, null],
  minSamplesLeaf: from2To10,
  minSamplesSplit: from2To10,
};
