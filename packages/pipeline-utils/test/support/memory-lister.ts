import { compareKeys } from "../../src/aws/timestamped-key.js";
import type { ListPage, ListRequest, ObjectLister } from "../../src/aws/artefacts/lister.js";

/** Keys in order: an array, or a million that are computed. */
export interface KeyList {
  readonly length: number;
  at(index: number): string | undefined;
}

/** Each key once, in the order of S3's listings. */
export function sortedKeys(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].sort(compareKeys);
}

/** Lists keys in memory as S3 does: byte order, pages, delimiters, StartAfter. Counts the requests. */
export class MemoryLister implements ObjectLister {
  requests = 0;
  /** Servers differ: Ceph does not list a common prefix that contains StartAfter, others do. */
  skipsGroupOfStartAfter = false;
  readonly #keys: KeyList;
  readonly #pageSize: number;

  /** @param keys - In the order of their UTF-8 bytes. */
  constructor(keys: KeyList, pageSize = 1000) {
    this.#keys = keys;
    this.#pageSize = pageSize;
  }

  static of(keys: readonly string[], pageSize = 1000): MemoryLister {
    return new MemoryLister(sortedKeys(keys), pageSize);
  }

  async list({ prefix, delimiter, startAfter = "", continuationToken }: ListRequest): Promise<ListPage> {
    this.requests += 1;
    const objects: { key: string; etag: string }[] = [];
    const commonPrefixes: string[] = [];
    let at = continuationToken === undefined ? this.#firstAfter(startAfter) : Number(continuationToken);
    at = Math.max(at, this.#firstNotBefore(prefix));
    if (this.skipsGroupOfStartAfter && delimiter !== undefined && startAfter.startsWith(prefix)) {
      const end = startAfter.indexOf(delimiter, prefix.length);
      const group = startAfter.slice(0, end + delimiter.length);
      if (end >= 0) {
        at = this.#search((other) => other.startsWith(group) || compareKeys(other, group) < 0, at);
      }
    }
    while (at < this.#keys.length && objects.length + commonPrefixes.length < this.#pageSize) {
      const key = this.#keys.at(at)!;
      if (!key.startsWith(prefix)) {
        return { objects, commonPrefixes, continuationToken: undefined };
      }
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      if (end < 0 || delimiter === undefined) {
        objects.push({ key, etag: "etag" });
        at += 1;
      } else {
        const group = key.slice(0, end + delimiter.length);
        commonPrefixes.push(group);
        at = this.#search((other) => other.startsWith(group) || compareKeys(other, group) < 0, at);
      }
    }
    const isTruncated = this.#keys.at(at)?.startsWith(prefix) ?? false;
    return { objects, commonPrefixes, continuationToken: isTruncated ? String(at) : undefined };
  }

  #firstAfter(key: string): number {
    return this.#search((other) => other === key || compareKeys(other, key) < 0, 0);
  }

  #firstNotBefore(key: string): number {
    return this.#search((other) => compareKeys(other, key) < 0, 0);
  }

  /** The first index at which the condition is false, if it is true for all before. */
  #search(condition: (key: string) => boolean, from: number): number {
    let [low, high] = [from, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (condition(this.#keys.at(middle)!)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
