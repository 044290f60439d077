import { expect, test } from "@jest/globals";
import { Histogram, Registry } from "prom-client";
import { TalliedHistogram } from "../src/metrics/tallied-histogram.js";
import { TallyFamily } from "../src/metrics/tally.js";

test("prints what prom-client's histogram prints", async () => {
  const values = [0, 0.5, 1, 1.0001, 2, 7, 1e9];
  const configuration = { name: "hours", help: "Hours, by product", buckets: [0.5, 1, 2, 4] };
  const [own, reference] = [new Registry(), new Registry()];
  const family = new TallyFamily(configuration);
  own.registerMetric(new TalliedHistogram(family, [own]));
  const histogram = new Histogram({ ...configuration, labelNames: ["product"], registers: [reference] });
  for (const product of ["a", 'b"\n\\']) {
    const tally = family.tally({ product });
    for (const value of values) {
      tally.observe(value);
      histogram.observe({ product }, value);
    }
  }
  expect(await own.metrics()).toBe(await reference.metrics());
});
