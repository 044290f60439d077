import type { ListedObject, ObjectLister } from "../lister.js";
import { Findings } from "./findings.js";
import { PlainSearch } from "./plain-search.js";
import type { SearchTarget } from "./search-target.js";
import { SkippingSearch } from "./skipping-search.js";

/** So many pages are listed before any key is skipped: about as many as a search among more keys takes. */
const PAGES_BEFORE_SKIPPING = 4;
/** From here on every other request goes to the plain listing, so that no layout costs more than twice that. */
const REQUESTS_BEFORE_FALLBACK = 10;
const SIX_HOURS_MILLISECONDS = 6 * 60 * 60 * 1000;

/**
 * Find the latest object that matches, in few requests and in memory that does not grow with the folder.
 *
 * The folder is listed from its beginning. If four pages are not all, groups of keys are opened from the one that may hold the
 * greatest timestamp on down, until none left can hold a later one than the best found. Where that takes long, or a name is
 * seen that the method would misjudge, the plain listing is finished instead.
 *
 * What it relies on: a key's timestamp is the last date in its name, so a group whose common beginning has a whole date holds
 * nothing later than that day, unless a key in it has a second date, or a zone behind UTC, beyond the beginning. No listing can
 * show that such a group has none but by listing its keys, 1,000 a request; whatever else a name holds is in the beginning, or
 * the group says nothing and is opened. A second date cannot occur under a `filenamePrefix`. A zone is worth less than a day, and
 * all keys of the last two days of each name are listed where the ten requests allow it.
 *
 * @returns undefined if nothing matches.
 */
export async function findLatestObject(
  lister: ObjectLister,
  target: SearchTarget,
): Promise<ListedObject | undefined> {
  const findings = new Findings(target);
  const plain = new PlainSearch(lister, target, findings);
  while (plain.requests < PAGES_BEFORE_SKIPPING && fullPageSpan(findings, plain) === undefined)
    if (await plain.nextPage()) return findings.best;
  const first = { lastSeen: plain.lastEntry, pageSpan: fullPageSpan(findings, plain) };
  const skipping = new SkippingSearch(lister, target, findings, first);
  // Below any prefix there may be a folder with any timestamp in it: nothing can be skipped.
  const mustList = (): boolean => target.recursive || findings.sawSecondDate || skipping.isDefeated;
  while (!mustList()) {
    if (skipping.isDone) return findings.best;
    const requests = plain.requests + skipping.requests;
    if (requests < REQUESTS_BEFORE_FALLBACK || requests % 2 === 0)
      await skipping.step(REQUESTS_BEFORE_FALLBACK - requests);
    else if (await plain.nextPage()) return findings.best;
  }
  await plain.finish();
  return findings.best;
}

/**
 * The milliseconds that a page spans, if the times have no marks and a day takes more than four pages: such days have to be
 * halved again and again, which leaves no requests to list more before.
 */
function fullPageSpan({ form, span }: Findings, { requests }: PlainSearch): number | undefined {
  const pageSpan = span / requests;
  return form.timeMark === "" && pageSpan > 0 && pageSpan < SIX_HOURS_MILLISECONDS ? pageSpan : undefined;
}
