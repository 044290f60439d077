import { readExactFeatures, readLabels } from "./column.js";
import type { Column } from "./column.js";
import { MersenneTwister } from "./mersenne-twister.js";
import type { Scoring } from "./metrics.js";
import { checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";
import { checkScoring, scoreEstimator } from "./scoring.js";
import type { Predictor, Scorer } from "./scoring.js";

/** Options of permutation importance. */
export interface PermutationImportanceOptions<R> {
  /** A name, or a function of the estimator, columns and labels. Default `"r2"`. */
  readonly scoring?: Scoring | Scorer<R>;
  /** Number of shuffles of each feature. Default 5. */
  readonly nRepeats?: number;
  /** Seed, an integer from 0 to 2^32 - 1. */
  readonly randomState: number;
}

const OPTION_NAMES: OptionNames<PermutationImportanceOptions<unknown>> = {
  scoring: true,
  nRepeats: true,
  randomState: true,
};

/** Loss of score when a feature is shuffled; element i of each belongs to feature i. */
export interface PermutationImportance {
  /** One element per repeat. */
  readonly importances: readonly Float64Array[];
  readonly importancesMean: Float64Array;
  /** Population standard deviation over the repeats. */
  readonly importancesStd: Float64Array;
}

/** scikit-learn draws a seed for the shuffles of a feature from 0 to 2^31 - 1. */
const MAX_DRAWN_SEED = 2 ** 31 - 1;

/**
 * The score that a fitted estimator loses when one feature is shuffled, as scikit-learn's `permutation_importance`:
 * shuffle for shuffle the same.
 *
 * @param estimator - Fitted.
 * @param columns - Feature columns, shape (features, rows), of rows that the estimator was not fitted on.
 * @param y - Labels, one per row.
 * @throws {RangeError} Input that the estimator rejects, or an option that is not allowed.
 * @throws {TypeError} An unknown option.
 * @see Breiman 2001, "Random Forests", section 10.
 */
export function permutationImportance<R extends Predictor>(
  estimator: R,
  columns: readonly Column[],
  y: Column,
  options: PermutationImportanceOptions<R>,
): PermutationImportance {
  checkOptions(options, OPTION_NAMES);
  const { nRepeats = 5, randomState } = options;
  if (!Number.isSafeInteger(nRepeats) || nRepeats < 1) {
    throw new RangeError(`nRepeats is ${nRepeats}, expected an integer of at least 1`);
  }
  const scoring = checkScoring(options.scoring ?? "r2");
  const labels = readLabels(y);
  const features = readExactFeatures(columns, labels.length);
  const seed = new MersenneTwister(randomState).upTo(MAX_DRAWN_SEED);
  const baseline = scoreEstimator(scoring, estimator, features, labels);
  const importances = features.map((_, column) => {
    const random = new MersenneTwister(seed);
    const order = random.permutation(labels.length);
    let shuffled = features[column]!;
    return Float64Array.from({ length: nRepeats }, (__, repeat) => {
      if (repeat > 0) {
        random.shuffle(order);
      }
      // As in scikit-learn, each repeat shuffles the column of the one before.
      shuffled = shuffled.map((___, row) => shuffled[order[row]!]!);
      return baseline - scoreEstimator(scoring, estimator, features.with(column, shuffled), labels);
    });
  });
  const importancesMean = Float64Array.from(importances, mean);
  const importancesStd = Float64Array.from(importances, (losses, column) =>
    Math.sqrt(mean(losses.map((loss) => (loss - importancesMean[column]!) ** 2))),
  );
  return { importances, importancesMean, importancesStd };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
