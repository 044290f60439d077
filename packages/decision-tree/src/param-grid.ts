import type { Regressor } from "./regressor.js";

/** Values to try for each parameter. */
export type ParamGrid<P> = { readonly [K in keyof P]?: readonly P[K][] };

/**
 * Every point of a grid, in scikit-learn's order: parameters sorted by name, the last one varying fastest.
 *
 * @throws {RangeError} A parameter has no values. A grid without parameters has one point, the estimator itself.
 */
export function listGridPoints<P>(grid: ParamGrid<P>): Partial<P>[] {
  const names = keysOf(grid).sort();
  let points: Partial<P>[] = [{}];
  for (const name of names) {
    const values = grid[name];
    if (!(values instanceof Array) || values.length === 0) {
      throw new RangeError(`Parameter grid for parameter ${String(name)} needs a non-empty array of values`);
    }
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  }
  return points;
}

/**
 * Let an estimator check each value of a grid by itself, because there are far fewer values than points.
 *
 * @throws The error of `withParams` for a name or value that is not allowed.
 */
export function checkGridValues<R extends Regressor<R>>(estimator: R, grid: ParamGrid<R["params"]>): void {
  for (const name of keysOf(grid)) {
    for (const value of grid[name] ?? []) {
      estimator.withParams({ [name]: value });
    }
  }
}

function keysOf<T extends object>(object: T): (keyof T)[] {
  const keys: (keyof T)[] = [];
  for (const key in object) {
    keys.push(key);
  }
  return keys;
}
