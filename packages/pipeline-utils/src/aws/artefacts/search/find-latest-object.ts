import { compareKeys } from "../../timestamped-key.js";
import type { ListedObject, ObjectLister } from "../lister.js";
import { commonStart, SearchState } from "./search-target.js";
import type { SearchTarget } from "./search-target.js";
import { SkippingSearch } from "./skipping-search.js";

/** Pages to list before any key is skipped. A search that skips keys takes about as many requests. */
const PAGES_BEFORE_SKIPPING = 4;
/**
 * From this request on, every second request continues the plain listing. No layout then costs more than twice a
 * listing.
 */
const REQUESTS_BEFORE_FALLBACK = 10;
const SIX_HOURS_MILLISECONDS = 6 * 60 * 60 * 1000;

/**
 * Find the latest object that matches, in few requests and in memory that does not grow with the folder.
 *
 * The search lists the folder from its beginning. If the folder has more than four pages, the search then opens groups
 * of keys. The group that may hold the greatest timestamp comes first. The search ends when no group left can hold a
 * later key than the best one found. It finishes the plain listing instead if that takes too long, or if it sees a name
 * that the method would misjudge.
 *
 * A key's timestamp is the last date in its name. If the common beginning of a group has a whole date, the group holds
 * nothing later than that day. There are two exceptions: a second date further on in the name, and a zone behind UTC.
 * Only a listing of all keys, 1,000 per request, can rule these out completely. A group whose beginning has no date is
 * opened.
 *
 * - A second date cannot occur under a `filenamePrefix`.
 * - A zone is less than a day. All keys of the last two days of each name are listed if the ten requests allow it.
 *
 * @returns undefined if nothing matches.
 */
export async function findLatestObject(
  lister: ObjectLister,
  target: SearchTarget,
): Promise<ListedObject | undefined> {
  const state = new SearchState(target);
  const plain = new PlainSearch(lister, target, state);
  while (plain.requests < PAGES_BEFORE_SKIPPING && fullPageSpan(state, plain) === undefined) {
    if (await plain.nextPage()) {
      return state.best;
    }
  }
  const first = { lastSeen: plain.lastEntry, pageSpan: fullPageSpan(state, plain) };
  const skipping = new SkippingSearch(lister, target, state, first);
  // Below any prefix there may be a folder that holds any timestamp, so nothing can be skipped.
  const mustList = (): boolean => target.recursive || state.sawSecondDate || skipping.isDefeated;
  while (!mustList()) {
    if (skipping.isDone) {
      return state.best;
    }
    const requests = plain.requests + skipping.requests;
    if (requests < REQUESTS_BEFORE_FALLBACK || requests % 2 === 0) {
      await skipping.step(REQUESTS_BEFORE_FALLBACK - requests);
    } else if (await plain.nextPage()) {
      return state.best;
    }
  }
  await plain.finish();
  return state.best;
}

/**
 * The milliseconds that a page spans, if the times have no marks and a day takes more than four pages. Such days have
 * to be halved again and again, which leaves no requests to list more pages first.
 */
function fullPageSpan({ form, span }: SearchState, { requests }: PlainSearch): number | undefined {
  const pageSpan = span / requests;
  return form.timeMark === "" && pageSpan > 0 && pageSpan < SIX_HOURS_MILLISECONDS ? pageSpan : undefined;
}

/** Lists all keys in their order, page by page. */
class PlainSearch {
  readonly #lister: ObjectLister;
  readonly #target: SearchTarget;
  readonly #state: SearchState;
  #token: string | undefined;
  #isDone = false;
  #lastEntry = "";
  #requests = 0;

  constructor(lister: ObjectLister, target: SearchTarget, state: SearchState) {
    this.#lister = lister;
    this.#target = target;
    this.#state = state;
  }

  get requests(): number {
    return this.#requests;
  }

  /** The last key or subfolder so far. Everything before it has been seen. */
  get lastEntry(): string {
    return this.#lastEntry;
  }

  /** List a page, and return whether it was the last. */
  async nextPage(): Promise<boolean> {
    this.#requests += 1;
    const { objects, commonPrefixes, continuationToken } = await this.#lister.list({
      prefix: commonStart(this.#target),
      // For direct children only, each subfolder comes as one entry.
      delimiter: this.#target.recursive ? undefined : "/",
      continuationToken: this.#token,
    });
    for (const object of objects) {
      this.#state.consider(object);
    }
    const [key, prefix] = [objects.at(-1)?.key ?? "", commonPrefixes.at(-1) ?? ""];
    this.#lastEntry = compareKeys(key, prefix) > 0 ? key : prefix;
    this.#token = continuationToken;
    this.#isDone = continuationToken === undefined;
    return this.#isDone;
  }

  async finish(): Promise<void> {
    while (!this.#isDone) {
      await this.nextPage();
    }
  }
}
