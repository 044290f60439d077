import { compareKeys } from "../../timestamped-key.js";
import type { ObjectLister } from "../lister.js";
import type { Findings } from "./findings.js";
import { commonStart } from "./search-target.js";
import type { SearchTarget } from "./search-target.js";

/** Lists all keys, page by page, in their order. */
export class PlainSearch {
  readonly #lister: ObjectLister;
  readonly #target: SearchTarget;
  readonly #findings: Findings;
  #token: string | undefined;
  #isDone = false;
  #lastEntry = "";
  #requests = 0;

  constructor(lister: ObjectLister, target: SearchTarget, findings: Findings) {
    this.#lister = lister;
    this.#target = target;
    this.#findings = findings;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get requests(): number {
    return this.#requests;
  }

  /** The last key or subfolder so far: all before it have been seen. */
  get lastEntry(): string {
    return this.#lastEntry;
  }

  /** Returns whether it was the last. */
  async nextPage(): Promise<boolean> {
    this.#requests += 1;
    const { objects, commonPrefixes, continuationToken } = await this.#lister.list({
      prefix: commonStart(this.#target),
      // Direct children only: each folder below comes as one entry.
      delimiter: this.#target.recursive ? undefined : "/",
      continuationToken: this.#token,
    });
    for (const object of objects) this.#findings.consider(object);
    const [a, b] = [objects.at(-1)?.key ?? "", commonPrefixes.at(-1) ?? ""];
    this.#lastEntry = compareKeys(a, b) > 0 ? a : b;
    this.#token = continuationToken;
    this.#isDone = continuationToken === undefined;
    return this.#isDone;
  }

  async finish(): Promise<void> {
    while (!this.#isDone) await this.nextPage();
  }
}
