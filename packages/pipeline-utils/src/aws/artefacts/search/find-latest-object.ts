import type { ListedObject, ObjectLister } from "../lister.js";
import { Findings } from "./findings.js";
import { PlainSearch } from "./plain-search.js";
import type { SearchTarget } from "./search-target.js";
import { SkippingSearch } from "./skipping-search.js";

/** From here on every other request goes to the plain listing, so that no layout costs more than twice that. */
const REQUESTS_BEFORE_FALLBACK = 10;

/**
 * Find the latest object that matches, in few requests and in memory that does not grow with the folder.
 *
 * The first request lists the folder from its beginning. If that is not all, groups of keys are opened from the one that may
 * hold the greatest timestamp on down, until none left can hold a later one than the best found. Where that takes long, or
 * a name is seen that the method would misjudge, the plain listing is finished instead.
 *
 * @returns undefined if nothing matches.
 */
export async function findLatestObject(
  lister: ObjectLister,
  target: SearchTarget,
): Promise<ListedObject | undefined> {
  const findings = new Findings(target);
  const plain = new PlainSearch(lister, target, findings);
  await plain.nextPage();
  // Below any prefix there may be a folder with any timestamp in it: nothing can be skipped.
  const mustList = (): boolean => target.recursive || findings.sawOddName;
  if (plain.isDone) return findings.best;
  const skipping = new SkippingSearch(lister, target, findings, plain.lastEntry);
  for (let requests = 2; !mustList() && !skipping.isDefeated; requests += 1) {
    if (skipping.isDone) return findings.best;
    if (requests <= REQUESTS_BEFORE_FALLBACK || requests % 2 === 1) await skipping.step();
    else if (await plain.nextPage()) return findings.best;
  }
  await plain.finish();
  return findings.best;
}
