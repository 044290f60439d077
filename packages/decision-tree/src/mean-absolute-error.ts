import type { Column } from "./column.js";
import { readPair } from "./r2-score.js";

/**
 * The mean of |yTrue - yPred|, in the labels' unit.
 *
 * @throws {RangeError} No rows, different lengths, NaN or infinities.
 */
export function meanAbsoluteError(yTrue: Column, yPred: Column): number {
  const [truth, predictions] = readPair(yTrue, yPred);
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += Math.abs(truth[i]! - predictions[i]!);
  return sum / truth.length;
}
