import { compareKeys, parseTimestampedKey } from "../../timestamped-key.js";
import type { ListPage, ObjectLister } from "../lister.js";
import { afterAll } from "./after-all.js";
import { compactTime, readCompactTime } from "./compact-time.js";
import type { Findings } from "./findings.js";
import { dayDelimiter, groupDelimiter, isDay } from "./key-groups.js";
import { commonStart } from "./search-target.js";
import type { SearchTarget } from "./search-target.js";
import { timestampCeiling } from "./timestamp-ceiling.js";

/** Keys not looked at yet: those that begin with `start` and come after `after`. */
interface Group {
  readonly start: string;
  readonly after: string;
  /** What none of their timestamps reaches, zones left out of account; milliseconds since 1970. */
  readonly ceiling: number;
}

const HOUR_MILLISECONDS = 60 * 60 * 1000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;
/** A zone may make a time almost a day later than it looks. */
const ZONE_MILLISECONDS = DAY_MILLISECONDS;
/** More groups than this are not worth keeping: the memory a search takes is bounded. */
const MAX_GROUPS = 10_000;

/** Opens groups of keys from the one that may hold the greatest timestamp on down. */
export class SkippingSearch {
  readonly #lister: ObjectLister;
  readonly #target: SearchTarget;
  readonly #findings: Findings;
  readonly #root: string;
  readonly #isTimestampOnly: boolean;
  #requests = 0;
  #groups: Group[] = [];
  /** Milliseconds that one page of keys spans, once two days were seen to hold more than can be listed. */
  #pageSpan: number | undefined;

  /**
   * @param first - Of the pages listed from the folder's beginning: their last entry, all keys before which have been seen, and
   *   the milliseconds that one of them spans, if days are known to be too full to be listed.
   */
  constructor(
    lister: ObjectLister,
    target: SearchTarget,
    findings: Findings,
    first: { readonly lastSeen: string; readonly pageSpan: number | undefined },
  ) {
    this.#lister = lister;
    this.#target = target;
    this.#findings = findings;
    this.#root = commonStart(target);
    this.#isTimestampOnly = target.filenamePrefix !== undefined;
    this.#pageSpan = first.pageSpan;
    const all = { start: this.#root, after: "", ceiling: Infinity };
    // Years are few: they are taken from the beginning again.
    if (this.#isTimestampOnly) this.#groups.push(all);
    else this.#addRest(all, first.lastSeen);
  }

  /** So far. */
  get requests(): number {
    return this.#requests;
  }

  /** Whether nothing left can be later than the best found. */
  get isDone(): boolean {
    return !this.#groups.some((group) => this.#isPromising(group));
  }

  /** Whether the layout is one that this search would take too much memory for. */
  get isDefeated(): boolean {
    return this.#groups.length > MAX_GROUPS;
  }

  /**
   * Open one group.
   *
   * @param requestsLeft - More than one request is sent only if they fit in these.
   */
  async step(requestsLeft: number): Promise<void> {
    const group = this.#takeBest();
    if (group === undefined) return;
    const isWholeDay = isDay(this.#nameStart(group.start)) && Number.isFinite(this.#ceiling(group.start));
    if (isWholeDay && this.#pageSpan === undefined) await this.#listTwoDays(group, requestsLeft);
    else if (isWholeDay && this.#findings.form.timeMark === "") await this.#listLaterHalf(group);
    else await this.#open(group);
    this.#groups = this.#groups.filter(({ ceiling }) =>
      this.#findings.mayBeBeatenBelow(ceiling + ZONE_MILLISECONDS),
    );
  }

  /** Zones are looked for, unless there are too many keys for it and none was seen yet. */
  #isPromising({ ceiling }: Group): boolean {
    const mayHaveZone = this.#findings.sawZoneBehind || this.#pageSpan === undefined;
    return this.#findings.mayBeBeatenBelow(ceiling + (mayHaveZone ? ZONE_MILLISECONDS : 0));
  }

  #takeBest(): Group | undefined {
    let best: Group | undefined;
    for (const group of this.#groups) {
      const isBetter =
        best === undefined ||
        group.ceiling > best.ceiling ||
        (group.ceiling === best.ceiling && compareKeys(group.start, best.start) > 0);
      if (isBetter) best = group;
    }
    this.#groups = this.#groups.filter((group) => group !== best);
    return best;
  }

  /** The part of a key in which the timestamp is looked for. */
  #nameStart(start: string): string {
    return start.slice(this.#root.length);
  }

  #ceiling(start: string): number {
    return timestampCeiling(this.#nameStart(start), this.#isTimestampOnly);
  }

  async #list(prefix: string, after: string, delimiter = "/"): Promise<ListPage> {
    this.#requests += 1;
    const page = await this.#lister.list({ prefix, delimiter, startAfter: after === "" ? undefined : after });
    for (const object of page.objects) this.#findings.consider(object);
    return page;
  }

  async #open(group: Group): Promise<void> {
    const { start, after } = group;
    const wanted = groupDelimiter(this.#nameStart(start), this.#findings.form, this.#isTimestampOnly);
    // Servers differ on whether a common prefix that StartAfter lies in is listed again: they are never asked.
    const isSafe = wanted !== undefined && !after.includes(wanted, start.length);
    const page = await this.#list(start, after, isSafe ? wanted : undefined);
    for (const prefix of page.commonPrefixes) {
      // What lies in a folder below is not looked for.
      if (prefix.includes("/", this.#target.folder.length)) continue;
      const ceiling = Math.min(group.ceiling, this.#ceiling(prefix));
      if (ceiling > -Infinity) this.#groups.push({ start: prefix, after: "", ceiling });
    }
    if (page.continuationToken === undefined) return;
    const [key, prefix] = [page.objects.at(-1)?.key ?? "", page.commonPrefixes.at(-1) ?? ""];
    if (compareKeys(key, prefix) > 0) this.#addRest(group, key);
    else if (prefix.includes("/", this.#target.folder.length)) this.#addRest(group, prefix);
    else this.#groups.push({ ...group, after: afterAll(prefix) });
  }

  /**
   * What is left of a group after a key or a subfolder, up to which all is seen. The key's day is a group of its own, and so is its
   * name if the delimiter of days would cut it.
   */
  #addRest({ start, ceiling }: Group, last: string): void {
    const folderEnd = last.indexOf("/", this.#target.folder.length);
    if (folderEnd >= 0) {
      this.#groups.push({ start, after: afterAll(last.slice(0, folderEnd + 1)), ceiling });
      return;
    }
    const parsed = this.#isTimestampOnly ? undefined : parseTimestampedKey(last);
    const delimiter = dayDelimiter(this.#findings.form);
    const name = this.#target.folder + (parsed?.namePrefix ?? "");
    const day = last.slice(0, name.length + "2021-07-03T".length);
    const starts = [start];
    if (name.length > start.length && name.includes(delimiter, start.length)) starts.push(name);
    if (parsed !== undefined && day.length > start.length && day.endsWith(delimiter)) starts.push(day);
    starts.forEach((each, i) => {
      const next = starts[i + 1];
      const after = next === undefined ? last : afterAll(next);
      this.#groups.push({ start: each, after, ceiling: Math.min(ceiling, this.#ceiling(each)) });
    });
  }

  /**
   * List a day from the day before on, which shows all zones that could put another key of that name last. If that is too much, the
   * day is opened part by part, and zones count only once one is seen.
   */
  async #listTwoDays(group: Group, requestsLeft: number): Promise<void> {
    const nameEnd = group.start.length - "2021-07-03T".length;
    const name = group.start.slice(0, nameEnd);
    const day = new Date(`${group.start.slice(nameEnd, -1)}T00:00:00Z`);
    const from =
      name + new Date(day.getTime() - DAY_MILLISECONDS).toISOString().slice(0, "2021-07-03".length);
    const end = afterAll(group.start);
    let after = from;
    for (let left = requestsLeft - 1; compareKeys(after, end) < 0; left -= 1) {
      const { objects, commonPrefixes, continuationToken } = await this.#list(name, after);
      const last = [objects.at(-1)?.key ?? "", ...commonPrefixes].sort(compareKeys).at(-1) ?? "";
      // All of that name is seen; or what comes after the day is another matter.
      if (continuationToken === undefined || compareKeys(last, end) > 0) break;
      const times = objects.flatMap(({ key }) => parseTimestampedKey(key)?.timestamp.getTime() ?? []);
      const span = Math.abs((times.at(-1) ?? 0) - (times[0] ?? 0));
      if (span * left < this.#ceiling(group.start) - (times.at(-1) ?? 0)) {
        this.#pageSpan = span;
        this.#groups.push(group);
        return;
      }
      after = last.endsWith("/") ? afterAll(last) : last;
    }
    this.#groups = this.#groups.filter(
      ({ start }) =>
        !start.startsWith(name) || compareKeys(start, from) < 0 || compareKeys(afterAll(start), end) > 0,
    );
  }

  /** Times without marks give no groups, but stand in order: halve what is left of the day, less what one page shows. */
  async #listLaterHalf({ start, after, ceiling }: Group): Promise<void> {
    const dayStart = this.#ceiling(start) - DAY_MILLISECONDS;
    const middle = this.#middleOf(after.slice(start.length), ceiling - dayStart);
    const laterHalf = middle === undefined ? after : start + compactTime(middle);
    const { objects, continuationToken } = await this.#list(start, laterHalf);
    if (middle !== undefined) this.#groups.push({ start, after, ceiling: dayStart + middle });
    const last = objects.at(-1)?.key;
    if (continuationToken !== undefined && last !== undefined)
      this.#groups.push({ start, after: last, ceiling });
  }

  /**
   * Where to halve a day from what was seen last to its end, in milliseconds of the day; undefined if the rest is best listed in its
   * order. That is on the hour as long as it is possible: `13-59` and `13.59` stand before all of that hour's times without marks, so
   * within an hour only what comes after a time seen in it may be halved.
   */
  #middleOf(seenLast: string, end: number): number | undefined {
    const seen = seenLast === "" ? 0 : readCompactTime(seenLast);
    if (seen === undefined) return undefined;
    const middle = seen + Math.floor((end - seen - (this.#pageSpan ?? 0)) / 2);
    const hour = Math.floor(middle / HOUR_MILLISECONDS) * HOUR_MILLISECONDS;
    const best = hour > seen || seen === 0 ? hour : middle;
    return best > seen ? best : undefined;
  }
}
