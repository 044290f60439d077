import { compareKeys, parseTimestampedKey } from "../../timestamped-key.js";
import type { ListPage, ObjectLister } from "../lister.js";
import { afterAll } from "./after-all.js";
import { compactTime, readCompactTime } from "./compact-time.js";
import type { Findings } from "./findings.js";
import { groupDelimiter, isDay } from "./key-form.js";
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

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
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
  #groups: Group[] = [];
  /** Milliseconds that one page of keys spans, once two days were seen to hold more than a page. */
  #pageSpan: number | undefined;

  /** @param lastSeen - The last entry of the folder's first page: all keys before it have been seen. */
  constructor(lister: ObjectLister, target: SearchTarget, findings: Findings, lastSeen: string) {
    this.#lister = lister;
    this.#target = target;
    this.#findings = findings;
    this.#root = commonStart(target);
    // Without marks a day takes several requests to halve: one is saved where the first page shows that days are full.
    const isFull = findings.form.timeMark === "" && findings.span < 2 * DAY_MILLISECONDS;
    if (isFull) this.#pageSpan = findings.span;
    this.#addFirst(lastSeen);
  }

  /** Whether nothing left can be later than the best found. */
  get isDone(): boolean {
    return !this.#groups.some((group) => this.#isPromising(group));
  }

  /** Whether the layout is one that this search would take too much memory for. */
  get isDefeated(): boolean {
    return this.#groups.length > MAX_GROUPS;
  }

  /** Send one request. */
  async step(): Promise<void> {
    const group = this.#takeBest();
    if (group === undefined) return;
    const nameStart = this.#nameStart(group.start);
    const isWholeDay = isDay(nameStart) && Number.isFinite(timestampCeiling(nameStart));
    if (isWholeDay && this.#pageSpan === undefined) await this.#listTwoDays(group);
    else if (isWholeDay && this.#findings.form.timeMark === "") await this.#listLaterHalf(group);
    else await this.#open(group);
  }

  #isPromising({ ceiling }: Group): boolean {
    return this.#findings.mayBeBeatenBelow(ceiling + (this.#findings.sawZone ? ZONE_MILLISECONDS : 0));
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

  async #list(prefix: string, after: string, delimiter = "/"): Promise<ListPage> {
    const page = await this.#lister.list({ prefix, delimiter, startAfter: after === "" ? undefined : after });
    for (const object of page.objects) this.#findings.consider(object);
    return page;
  }

  async #open(group: Group): Promise<void> {
    const wanted = groupDelimiter(this.#nameStart(group.start), this.#findings.form);
    // Servers differ on whether a common prefix that StartAfter lies in is listed again: they are never asked.
    const isSafe = wanted !== undefined && !group.after.includes(wanted, group.start.length);
    const delimiter = isSafe ? wanted : undefined;
    const { objects, commonPrefixes, continuationToken } = await this.#list(
      group.start,
      group.after,
      delimiter,
    );
    for (const prefix of commonPrefixes) {
      // What lies in a folder below is not looked for.
      if (prefix.includes("/", this.#target.folder.length)) continue;
      const ceiling = Math.min(group.ceiling, timestampCeiling(this.#nameStart(prefix)));
      this.#groups.push({ start: prefix, after: "", ceiling });
    }
    if (continuationToken === undefined) return;
    const [key, prefix] = [objects.at(-1)?.key ?? "", commonPrefixes.at(-1) ?? ""];
    if (compareKeys(key, prefix) > 0) this.#addRest(group, key, false);
    else this.#addRest(group, prefix, true);
  }

  /** All keys but those before the name that the first page ended in. */
  #addFirst(lastSeen: string): void {
    const first = { start: this.#root, after: "", ceiling: Infinity };
    this.#addRest(first, lastSeen, false);
    // From the beginning again, so that keys come in groups.
    this.#groups = this.#groups.map((group) => (group.after === lastSeen ? first : group));
  }

  /** What is left of a group after the last entry of a page, which is a key or a common prefix. */
  #addRest({ start, ceiling }: Group, last: string, isPrefix: boolean): void {
    const folderEnd = last.indexOf("/", this.#target.folder.length);
    if (folderEnd >= 0) {
      this.#groups.push({ start, after: afterAll(last.slice(0, folderEnd + 1)), ceiling });
      return;
    }
    const { namePrefix } = isPrefix ? {} : (parseTimestampedKey(last) ?? {});
    const nameStart = namePrefix === undefined ? start : this.#target.folder + namePrefix;
    if (nameStart.length > start.length && nameStart.includes("-", start.length)) {
      // "-" as delimiter would open such a name in several steps: its own keys and those behind are looked at apart.
      this.#groups.push({ start: nameStart, after: "", ceiling });
      this.#groups.push({ start, after: afterAll(nameStart), ceiling });
    } else {
      this.#groups.push({ start, after: isPrefix ? afterAll(last) : last, ceiling });
    }
  }

  /**
   * List a day from the day before on, which shows all zones that could put another key of that name last. More than a page
   * is too much: then the day is opened part by part, and zones count only once one is seen.
   */
  async #listTwoDays(group: Group): Promise<void> {
    const nameEnd = group.start.length - "2021-07-03T".length;
    const name = group.start.slice(0, nameEnd);
    const day = new Date(`${group.start.slice(nameEnd, -1)}T00:00:00Z`);
    const from =
      name + new Date(day.getTime() - DAY_MILLISECONDS).toISOString().slice(0, "2021-07-03".length);
    const { objects, continuationToken } = await this.#list(name, from);
    if (continuationToken === undefined) {
      this.#groups = this.#groups.filter(
        ({ start }) => !start.startsWith(name) || compareKeys(start, from) < 0,
      );
      return;
    }
    const times = objects.flatMap(({ key }) => parseTimestampedKey(key)?.timestamp.getTime() ?? []);
    this.#pageSpan = Math.abs((times.at(-1) ?? 0) - (times[0] ?? 0));
    this.#groups.push(group);
  }

  /** Times without marks give no groups, but stand in order: halve what is left of the day, less what one page shows. */
  async #listLaterHalf({ start, after, ceiling }: Group): Promise<void> {
    const dayStart = timestampCeiling(this.#nameStart(start)) - DAY_MILLISECONDS;
    const from = dayStart + readCompactTime(after.slice(start.length));
    const middle = from + Math.max(0, Math.floor((ceiling - from - (this.#pageSpan ?? 0)) / 2));
    const laterHalf = middle > from ? start + compactTime(middle - dayStart) : after;
    const { objects, continuationToken } = await this.#list(start, laterHalf);
    if (middle > from) this.#groups.push({ start, after, ceiling: middle });
    const last = objects.at(-1)?.key;
    if (continuationToken !== undefined && last !== undefined)
      this.#groups.push({ start, after: last, ceiling });
  }
}
