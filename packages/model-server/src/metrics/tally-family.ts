import { Tally } from "./tally.js";

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
