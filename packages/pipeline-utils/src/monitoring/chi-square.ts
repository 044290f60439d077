const MAX_STEPS = 500;
const EPSILON = 2 ** -53;

/**
 * The value that a chi-square variable stays below with a given probability, within a relative error of 1e-9.
 *
 * @param probability - Above 0 and below 1.
 * @param degrees - Degrees of freedom, 1 to 1,000.
 * @throws {RangeError} An argument is out of range.
 */
export function chiSquareQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`probability is ${probability}, expected a number between 0 and 1`);
  }
  if (!(Number.isInteger(degrees) && degrees >= 1 && degrees <= 1_000)) {
    throw new RangeError(`degrees is ${degrees}, expected an integer from 1 to 1000`);
  }
  let low = 0;
  let high = degrees + 1;
  while (chiSquareProbability(high, degrees) < probability) {
    high *= 2;
  }
  while (high - low > 1e-10 * high) {
    const middle = (low + high) / 2;
    if (chiSquareProbability(middle, degrees) < probability) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return (low + high) / 2;
}

/**
 * The probability that a chi-square variable is at most `value`.
 *
 * This is the regularised lower incomplete gamma function P(degrees / 2, value / 2), by its series.
 *
 * @see https://dlmf.nist.gov/8.11#E4
 */
function chiSquareProbability(value: number, degrees: number): number {
  const shape = degrees / 2;
  const x = value / 2;
  if (x === 0) {
    return 0;
  }
  let term = 1 / shape;
  let sum = term;
  for (let step = 1; step <= MAX_STEPS + 2 * x && term > sum * EPSILON; step += 1) {
    term *= x / (shape + step);
    sum += term;
  }
  return Math.min(1, sum * Math.exp(shape * Math.log(x) - x - logGammaOfHalves(degrees)));
}

/** ln Γ(halves / 2), by the recurrence from Γ(1/2) = √π and Γ(1) = 1. */
function logGammaOfHalves(halves: number): number {
  let sum = halves % 2 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let below = halves - 2; below > 0; below -= 2) {
    sum += Math.log(below / 2);
  }
  return sum;
}
