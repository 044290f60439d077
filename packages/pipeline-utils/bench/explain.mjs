// npm run bench -- explain
// Milliseconds of CPU that `dtRegression.explain` takes for a row: the mean of the first 2,000 rows, while code is
// compiled, and of the next. Trees of 2 and of 20 features, with 153 leaves as the article's model has, and with 10,000.
import { dtRegression } from "../dist/ml-cart/index.js";

const CALLS = 2_000;

/**
 * A balanced tree that splits by its features in turn, each at random values.
 *
 * @param {number} leaves
 * @param {number} features
 */
function makeTree(leaves, features) {
  let random = 1;
  const next = () => (random = (random * 48_271) % 0x7fffffff) / 0x7fffffff;
  /** @param {number} count @param {number} level @returns {{ samples: number, [name: string]: unknown }} */
  const grow = (count, level) => {
    if (count === 1) {
      return { samples: 5, distribution: next() * 100 };
    }
    const left = grow(Math.floor(count / 2), level + 1);
    const right = grow(Math.ceil(count / 2), level + 1);
    return {
      ...{ samples: left.samples + right.samples, left, right },
      ...{ splitColumn: level % features, splitValue: next() },
    };
  };
  return dtRegression.fromJSON({
    name: "DTRegression",
    options: {},
    root: JSON.parse(JSON.stringify(grow(leaves, 0))),
  });
}

/** @param {(row: number) => unknown} call */
function millisecondsPerCall(call) {
  call(0);
  const { user, system } = process.cpuUsage();
  for (let row = 0; row < CALLS; row++) {
    call(row);
  }
  const spent = process.cpuUsage({ user, system });
  return (spent.user + spent.system) / 1_000 / CALLS;
}

console.log("leaves  features  first ms  then ms");
for (const leaves of [153, 10_000]) {
  for (const features of [2, 20]) {
    const tree = makeTree(leaves, features);
    const rows = Array.from({ length: CALLS }, (_, row) =>
      Array.from({ length: features }, (__, column) => ((row * 7919 + column * 104_729) % 1_000) / 1_000),
    );
    const times = [1, 2].map(() =>
      millisecondsPerCall((row) => dtRegression.explain?.(tree, rows[row] ?? [])).toFixed(4),
    );
    console.log(`${leaves}`.padStart(6), `${features}`.padStart(9), ...times.map((time) => time.padStart(9)));
  }
}
