/**
 * How many cases a property is tried on, and which: more by `FUZZ_RUNS`, those of a number by `FUZZ_SEED`. All of it for
 * some minutes: `npm run bench -- fuzz-formats`.
 *
 * @param numRuns - Cases of a usual run.
 */
export function runsOf(numRuns: number): { numRuns: number; seed?: number } {
  const { FUZZ_RUNS, FUZZ_SEED } = process.env;
  return { numRuns: Number(FUZZ_RUNS ?? numRuns), ...(FUZZ_SEED && { seed: Number(FUZZ_SEED) }) };
}
