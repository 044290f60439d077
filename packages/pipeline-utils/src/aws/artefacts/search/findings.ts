import { compareKeys } from "../../timestamped-key.js";
import type { TimestampedKey } from "../../timestamped-key.js";
import type { ListedObject } from "../lister.js";
import { keyForm } from "./key-groups.js";
import type { KeyForm } from "./key-groups.js";
import { matchKey } from "./search-target.js";
import type { SearchTarget } from "./search-target.js";

interface Match {
  readonly object: ListedObject;
  readonly parsed: TimestampedKey;
}

/** The latest of the objects seen, and what their names show of the ones not seen. */
export class Findings {
  readonly #target: SearchTarget;
  #best: Match | undefined;
  #form: KeyForm = { dateEnd: undefined, timeMark: undefined };
  #earliest = Infinity;
  #sawZoneBehind = false;
  #sawSecondDate = false;

  constructor(target: SearchTarget) {
    this.#target = target;
  }

  /** The latest so far. */
  get best(): ListedObject | undefined {
    return this.#best?.object;
  }

  /** Milliseconds from the earliest seen to the latest; Infinity before any is seen. */
  get span(): number {
    return this.#best === undefined ? Infinity : this.#best.parsed.timestamp.getTime() - this.#earliest;
  }

  /** How the name seen last writes its timestamp. */
  get form(): KeyForm {
    return this.#form;
  }

  /** Whether any name states a zone behind UTC, and so is later than it looks. */
  get sawZoneBehind(): boolean {
    return this.#sawZoneBehind;
  }

  /**
   * Whether in any name another date stands before the timestamp, as in `backup-2020-01-01-of-2021-05-05.csv`: such names show
   * only at their end how late they are. With a `filenamePrefix` they cannot occur, since nothing else stands there.
   */
  get sawSecondDate(): boolean {
    return this.#sawSecondDate;
  }

  consider(object: ListedObject): void {
    const parsed = matchKey(object.key, this.#target);
    if (parsed === undefined) return;
    const match = { object, parsed };
    if (this.#best === undefined || isLater(match, this.#best)) this.#best = match;
    this.#earliest = Math.min(this.#earliest, parsed.timestamp.getTime());
    this.#form = keyForm(object.key.slice(object.key.lastIndexOf("/") + 1 + parsed.namePrefix.length));
    if (parsed.offsetMinutes < 0) this.#sawZoneBehind = true;
    const { filenamePrefix } = this.#target;
    if (filenamePrefix === undefined && /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/.test(parsed.namePrefix))
      this.#sawSecondDate = true;
  }

  /** Whether a key with a timestamp below `ceiling` (milliseconds since 1970, exclusive) could be later than the best. */
  mayBeBeatenBelow(ceiling: number): boolean {
    return this.#best === undefined || ceiling > this.#best.parsed.timestamp.getTime();
  }
}

function isLater({ object, parsed }: Match, than: Match): boolean {
  const order =
    parsed.timestamp.getTime() - than.parsed.timestamp.getTime() ||
    parsed.subMillisecond - than.parsed.subMillisecond ||
    compareKeys(object.key, than.object.key);
  return order > 0;
}
