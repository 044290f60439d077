import { compareKeys, parseTimestampedKey } from "../../timestamped-key.js";
import type { ListPage, ObjectLister } from "../lister.js";
import { dayDelimiter, groupDelimiter, isDay, timestampCeiling } from "./key-groups.js";
import { commonStart } from "./search-target.js";
import type { SearchState, SearchTarget } from "./search-target.js";

/** Keys not seen yet: those that begin with `start` and come after `after`. */
interface KeyGroup {
  readonly start: string;
  readonly after: string;
  /** Exclusive upper bound of their timestamps, which ignores zones; milliseconds since 1970. */
  readonly ceiling: number;
}

const SECOND_MILLISECONDS = 1000;
const MINUTE_MILLISECONDS = 60 * SECOND_MILLISECONDS;
const HOUR_MILLISECONDS = 60 * MINUTE_MILLISECONDS;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;
/** A zone can make a time almost a day later than it looks. */
const MAX_ZONE_MILLISECONDS = DAY_MILLISECONDS;
/** With more groups than this, the plain listing is finished instead: this bounds the memory of a search. */
const MAX_GROUPS = 10_000;

/** Opens groups of keys, always the one that may hold the greatest timestamp. */
export class SkippingSearch {
  readonly #lister: ObjectLister;
  readonly #target: SearchTarget;
  readonly #state: SearchState;
  readonly #root: string;
  readonly #isTimestampOnly: boolean;
  #requests = 0;
  #groups: KeyGroup[] = [];
  /** Milliseconds that one page of keys spans; known once two days proved to hold more than can be listed. */
  #pageSpan: number | undefined;

  /**
   * @param first - About the pages listed from the folder's beginning. `lastSeen` is their last entry; all keys before
   *   it have been seen. `pageSpan` is the milliseconds that one page spans, if days are too full to be listed.
   */
  constructor(
    lister: ObjectLister,
    target: SearchTarget,
    state: SearchState,
    first: { readonly lastSeen: string; readonly pageSpan: number | undefined },
  ) {
    this.#lister = lister;
    this.#target = target;
    this.#state = state;
    this.#root = commonStart(target);
    this.#isTimestampOnly = target.filenamePrefix !== undefined;
    this.#pageSpan = first.pageSpan;
    const all = { start: this.#root, after: "", ceiling: Infinity };
    // Years are few, so the search starts at the beginning again.
    if (this.#isTimestampOnly) {
      this.#groups.push(all);
    } else {
      this.#addRest(all, first.lastSeen);
    }
  }

  /** Count of requests so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Whether no group left can hold a later key than the best found. */
  get isDone(): boolean {
    return !this.#groups.some((group) => this.#isPromising(group));
  }

  /** Whether this search would take too much memory for the layout of the folder. */
  get isDefeated(): boolean {
    return this.#groups.length > MAX_GROUPS;
  }

  /**
   * Open one group.
   *
   * @param requestsLeft - The step sends more requests than one only if this many are enough.
   */
  async step(requestsLeft: number): Promise<void> {
    const group = this.#takeBest();
    if (group === undefined) {
      return;
    }
    const isWholeDay = isDay(this.#nameStart(group.start)) && Number.isFinite(this.#ceiling(group.start));
    if (isWholeDay && this.#pageSpan === undefined) {
      await this.#listTwoDays(group, requestsLeft);
    } else if (isWholeDay && this.#state.form.timeMark === "") {
      await this.#listLaterHalf(group);
    } else {
      await this.#open(group);
    }
    this.#groups = this.#groups.filter(({ ceiling }) =>
      this.#state.mayBeBeatenBelow(ceiling + MAX_ZONE_MILLISECONDS),
    );
  }

  /** Take zones into account, unless there are too many keys to list them all and no zone was seen yet. */
  #isPromising({ ceiling }: KeyGroup): boolean {
    const mayHaveZone = this.#state.sawZoneBehind || this.#pageSpan === undefined;
    return this.#state.mayBeBeatenBelow(ceiling + (mayHaveZone ? MAX_ZONE_MILLISECONDS : 0));
  }

  #takeBest(): KeyGroup | undefined {
    let best: KeyGroup | undefined;
    for (const group of this.#groups) {
      const isBetter =
        best === undefined ||
        group.ceiling > best.ceiling ||
        (group.ceiling === best.ceiling && compareKeys(group.start, best.start) > 0);
      if (isBetter) {
        best = group;
      }
    }
    this.#groups = this.#groups.filter((group) => group !== best);
    return best;
  }

  /** The part of a key that can have the timestamp. */
  #nameStart(start: string): string {
    return start.slice(this.#root.length);
  }

  #ceiling(start: string): number {
    return timestampCeiling(this.#nameStart(start), this.#isTimestampOnly);
  }

  async #list(prefix: string, after: string, delimiter = "/"): Promise<ListPage> {
    this.#requests += 1;
    const page = await this.#lister.list({ prefix, delimiter, startAfter: after === "" ? undefined : after });
    for (const object of page.objects) {
      this.#state.consider(object);
    }
    return page;
  }

  async #open(group: KeyGroup): Promise<void> {
    const { start, after } = group;
    const wanted = groupDelimiter(this.#nameStart(start), this.#state.form, this.#isTimestampOnly);
    // Servers differ on whether they list a common prefix that contains StartAfter again. No request depends on it.
    const isSafe = wanted !== undefined && !after.includes(wanted, start.length);
    const page = await this.#list(start, after, isSafe ? wanted : undefined);
    for (const prefix of page.commonPrefixes) {
      const ceiling = Math.min(group.ceiling, this.#ceiling(prefix));
      // Keys in a folder below are not accepted.
      const isInFolderBelow = prefix.includes("/", this.#target.folder.length);
      if (!isInFolderBelow && ceiling > -Infinity) {
        this.#groups.push({ start: prefix, after: "", ceiling });
      }
    }
    if (page.continuationToken === undefined) {
      return;
    }
    const [key, prefix] = [page.objects.at(-1)?.key ?? "", page.commonPrefixes.at(-1) ?? ""];
    if (compareKeys(key, prefix) > 0) {
      this.#addRest(group, key);
    } else if (prefix.includes("/", this.#target.folder.length)) {
      this.#addRest(group, prefix);
    } else {
      this.#groups.push({ ...group, after: afterPrefix(prefix) });
    }
  }

  /**
   * Add the rest of a group after a key or a subfolder, up to which everything is seen. The key's day becomes a group
   * of its own. The key's name does too, if the delimiter of days would cut it.
   */
  #addRest({ start, ceiling }: KeyGroup, last: string): void {
    const folderEnd = last.indexOf("/", this.#target.folder.length);
    if (folderEnd >= 0) {
      this.#groups.push({ start, after: afterPrefix(last.slice(0, folderEnd + 1)), ceiling });
      return;
    }
    const parsed = this.#isTimestampOnly ? undefined : parseTimestampedKey(last);
    const delimiter = dayDelimiter(this.#state.form);
    const name = this.#target.folder + (parsed?.namePrefix ?? "");
    const day = last.slice(0, name.length + "2021-07-03T".length);
    const starts = [start];
    if (name.length > start.length && name.includes(delimiter, start.length)) {
      starts.push(name);
    }
    if (parsed !== undefined && day.length > start.length && day.endsWith(delimiter)) {
      starts.push(day);
    }
    starts.forEach((each, i) => {
      const next = starts[i + 1];
      const after = next === undefined ? last : afterPrefix(next);
      this.#groups.push({ start: each, after, ceiling: Math.min(ceiling, this.#ceiling(each)) });
    });
  }

  /**
   * List a day and the day before it. This shows every zone that could make another key of that name the latest.
   *
   * If it takes too many requests, the day is opened part by part, and zones count only once one is seen.
   */
  async #listTwoDays(group: KeyGroup, requestsLeft: number): Promise<void> {
    const nameEnd = group.start.length - "2021-07-03T".length;
    const name = group.start.slice(0, nameEnd);
    const day = new Date(`${group.start.slice(nameEnd, -1)}T00:00:00Z`);
    const from =
      name + new Date(day.getTime() - DAY_MILLISECONDS).toISOString().slice(0, "2021-07-03".length);
    const end = afterPrefix(group.start);
    let after = from;
    for (let left = requestsLeft - 1; compareKeys(after, end) < 0; left -= 1) {
      const { objects, commonPrefixes, continuationToken } = await this.#list(name, after);
      const last = [objects.at(-1)?.key ?? "", ...commonPrefixes].sort(compareKeys).at(-1) ?? "";
      // Everything of that name is seen, or at least everything up to the end of the day.
      if (continuationToken === undefined || compareKeys(last, end) > 0) {
        break;
      }
      const times = objects.flatMap(({ key }) => parseTimestampedKey(key)?.timestamp.getTime() ?? []);
      const span = Math.abs((times.at(-1) ?? 0) - (times[0] ?? 0));
      if (span * left < this.#ceiling(group.start) - (times.at(-1) ?? 0)) {
        this.#pageSpan = span;
        this.#groups.push(group);
        return;
      }
      after = last.endsWith("/") ? afterPrefix(last) : last;
    }
    this.#groups = this.#groups.filter(
      ({ start }) =>
        !start.startsWith(name) || compareKeys(start, from) < 0 || compareKeys(afterPrefix(start), end) > 0,
    );
  }

  /** Times without marks cannot be grouped, but are in order: halve the rest of the day, less the span of one page. */
  async #listLaterHalf({ start, after, ceiling }: KeyGroup): Promise<void> {
    const dayStart = this.#ceiling(start) - DAY_MILLISECONDS;
    const middle = this.#middleOf(after.slice(start.length), ceiling - dayStart);
    const laterHalf = middle === undefined ? after : start + compactTime(middle);
    const { objects, continuationToken } = await this.#list(start, laterHalf);
    if (middle !== undefined) {
      this.#groups.push({ start, after, ceiling: dayStart + middle });
    }
    const last = objects.at(-1)?.key;
    if (continuationToken !== undefined && last !== undefined) {
      this.#groups.push({ start, after: last, ceiling });
    }
  }

  /**
   * Where to halve a day, from the last time seen to `end`. The cut is on the hour where possible: `13-59` and `13.59`
   * come before all times of that hour without marks. Within an hour, only the part after a time seen in it may be
   * halved.
   *
   * @param seenLast - The text of the last time seen; "" for none.
   * @param end - Milliseconds of the day.
   * @returns Milliseconds of the day; undefined if the rest is best listed in order.
   */
  #middleOf(seenLast: string, end: number): number | undefined {
    const seen = seenLast === "" ? 0 : readCompactTime(seenLast);
    if (seen === undefined) {
      return undefined;
    }
    const middle = seen + Math.floor((end - seen - (this.#pageSpan ?? 0)) / 2);
    const hour = Math.floor(middle / HOUR_MILLISECONDS) * HOUR_MILLISECONDS;
    const best = hour > seen || seen === 0 ? hour : middle;
    return best > seen ? best : undefined;
  }
}

/**
 * The least string after all that begin with `start`, from which a listing continues: `name_` gives `` name` ``.
 *
 * S3's StartAfter excludes the very key it names. This excludes no accepted key, because none ends in the character
 * that follows a separator.
 */
function afterPrefix(start: string): string {
  const points = Array.from(start);
  const last = points.pop()?.codePointAt(0);
  if (last === undefined) {
    return "\u{10FFFF}";
  }
  // Skip surrogates, which are no characters of their own. The last character of all has no successor.
  if (last === 0x10ffff) {
    return afterPrefix(points.join(""));
  }
  return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
}

/**
 * A time of day without marks, `230532`, without fractions. A full hour is `23`, so that `23-05` comes after it too.
 */
function compactTime(millisecondsOfDay: number): string {
  return new Date(millisecondsOfDay)
    .toISOString()
    .slice("1970-01-01T".length, -".000Z".length)
    .replaceAll(":", "")
    .replace(/0000$/, "");
}

/** The milliseconds of the day at the beginning of a text, `230532…` or `2305…`; undefined if there is no time. */
function readCompactTime(text: string): number | undefined {
  const [, hour, minute, second = 0] = /^(\d{2})(\d{2})(\d{2})?/.exec(text) ?? [];
  if (hour === undefined) {
    return undefined;
  }
  return (
    Number(hour) * HOUR_MILLISECONDS +
    Number(minute) * MINUTE_MILLISECONDS +
    Number(second) * SECOND_MILLISECONDS
  );
}
