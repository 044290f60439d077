import type { JsonObject } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { Sample } from "@ml-pipelines/pipeline-utils/stage";

/**
 * Grow a regression tree by squared error.
 *
 * @param minLeaf - Least number of rows in a leaf. Few let the tree memorise its rows.
 */
export function growTree({ columns, target }: Sample, minLeaf: number): MlCartTree {
  const rows = [...target.keys()];
  const root = growNode({ columns, target }, rows, minLeaf);
  return dtRegression.fromJSON({ name: "DTRegression", options: {}, root });
}

function growNode(sample: Sample, rows: readonly number[], minLeaf: number): JsonObject {
  const values = rows.map((row) => sample.target[row] ?? NaN);
  const best = bestSplit(sample, rows, minLeaf);
  if (best === undefined) {
    return { distribution: values.reduce((sum, value) => sum + value, 0) / values.length };
  }
  const { column, value } = best;
  const isLeft = (row: number): boolean => (sample.columns[column]?.[row] ?? NaN) < value;
  return {
    splitColumn: column,
    splitValue: value,
    left: growNode(sample, rows.filter(isLeft), minLeaf),
    right: growNode(
      sample,
      rows.filter((row) => !isLeft(row)),
      minLeaf,
    ),
  };
}

/** The split with the greatest sum of squared means, weighted by rows: the least squared error. */
function bestSplit({ columns, target }: Sample, rows: readonly number[], minLeaf: number) {
  let best: { column: number; value: number; gain: number } | undefined;
  const total = rows.reduce((sum, row) => sum + (target[row] ?? NaN), 0);
  const before = total ** 2 / rows.length;
  for (const [column, values] of columns.entries()) {
    const sorted = [...rows].sort((a, b) => (values[a] ?? NaN) - (values[b] ?? NaN));
    let left = 0;
    for (const [index, row] of sorted.entries()) {
      const value = values[row] ?? NaN;
      const previous = values[sorted[index - 1] ?? NaN] ?? value;
      if (value > previous && index >= minLeaf && rows.length - index >= minLeaf) {
        const gain = left ** 2 / index + (total - left) ** 2 / (rows.length - index) - before;
        if (gain > (best?.gain ?? 1e-9)) {
          best = { column, value: (previous + value) / 2, gain };
        }
      }
      left += target[row] ?? NaN;
    }
  }
  return best;
}
