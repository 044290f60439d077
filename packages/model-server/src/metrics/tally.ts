/** How often values fell into each bucket of a histogram, for one combination of its labels. */
export class Tally {
  /** One count a bound: values above the bound before, up to this one; and one more for all beyond the last. */
  readonly counts: Float64Array;
  sum = 0;
  readonly #bounds: readonly number[];

  /** @param bounds - Ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) {
      bucket += 1;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** The labels of a tally. */
export type Labels = Readonly<Record<string, string | number>>;

/** A histogram as it is counted: a tally for each combination of labels. It is printed by TalliedHistogram. */
export class TallyFamily {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  readonly members: { readonly labels: Labels; readonly tally: Tally }[] = [];

  constructor({ name, help, buckets }: { name: string; help: string; buckets: readonly number[] }) {
    this.name = name;
    this.help = help;
    this.buckets = buckets;
  }

  /** A tally for labels that have none yet: ask once, and keep it. */
  tally(labels: Labels): Tally {
    const tally = new Tally(this.buckets);
    this.members.push({ labels, tally });
    return tally;
  }
}
