import { Histogram } from "prom-client";
import type { Registry } from "prom-client";
import type { Tally } from "./tally.js";
import type { Labels, TallyFamily } from "./tally.js";

/** One line of the text that Prometheus reads. */
interface Sample {
  metricName: string;
  labels: Labels;
  value: number;
}

/**
 * Prints a family of tallies as prom-client prints its histograms, which cost twenty times as much to observe: they look their
 * labels up anew for every value.
 */
export class TalliedHistogram extends Histogram {
  readonly #family: TallyFamily;

  constructor(family: TallyFamily, registers: Registry[]) {
    const { name, help, buckets } = family;
    super({ name, help, buckets: [...buckets], registers });
    this.#family = family;
  }

  /** Called by prom-client's registry, although its types do not name it. */
  async getForPromString(): Promise<object> {
    const { name, help, members } = this.#family;
    const values = members.flatMap(({ labels, tally }) => this.#samples(labels, tally));
    return { name, help, type: "histogram", aggregator: "sum", values };
  }

  /** Buckets are cumulative in Prometheus's text, and end with one for all. */
  #samples(labels: Labels, tally: Tally): Sample[] {
    const { name, buckets } = this.#family;
    let count = 0;
    const samples = [...buckets, "+Inf"].map((le, bucket) => {
      count += tally.counts[bucket] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...samples,
      { metricName: `${name}_sum`, labels, value: tally.sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
