import type { ModelClass } from "@ml-pipelines/pipeline-utils";
import { StageError } from "@ml-pipelines/pipeline-utils/stage";

/** y = weights[0] + weights[1] * x1 + weights[2] * x2 + … */
export interface Linear {
  weights: readonly number[];
}

/** Fit by least squares: the weights solve X'X w = X'y, here by Gauss-Jordan elimination. */
export function fitLinear(columns: readonly Float64Array[], target: Float64Array): Linear {
  const design = [target.map(() => 1), ...columns];
  const product = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, x, row) => sum + x * (b[row] ?? NaN), 0);
  const system = design.map((a) => [...design.map((b) => product(a, b)), product(a, target)]);
  for (const [pivot, pivotRow] of system.entries()) {
    const scale = pivotRow[pivot] ?? NaN;
    if (!(Math.abs(scale) > 1e-9)) {
      throw new StageError(
        `feature ${pivot - 1} is constant, or follows from the others: there is no one best fit`,
      );
    }
    for (const [index, row] of system.entries()) {
      const factor = (row[pivot] ?? NaN) / scale;
      if (index !== pivot) {
        pivotRow.forEach((value, column) => (row[column] = (row[column] ?? NaN) - factor * value));
      }
    }
  }
  return { weights: system.map((row, index) => (row.at(-1) ?? NaN) / (row[index] ?? NaN)) };
}

/** How the model is kept in a bucket, and predicts. A file may be anyone's, so fromJSON takes nothing on trust. */
export const linearModel: ModelClass<Linear> = {
  modelType: "Linear",
  toJSON: ({ weights }) => ({ weights }),
  fromJSON(json, features = []) {
    const weights = typeof json === "object" && json !== null && "weights" in json ? json.weights : undefined;
    const numbers = Array.isArray(weights) ? weights.filter((weight) => typeof weight === "number") : [];
    if (numbers.length !== features.length + 1) {
      throw new Error(`weights are ${JSON.stringify(weights)}, expected ${features.length + 1} numbers`);
    }
    return { weights: numbers };
  },
  predict: ({ weights }, row) =>
    row.reduce((sum, x, i) => sum + x * (weights[i + 1] ?? NaN), weights[0] ?? NaN),
};
