import type { ListPage, ListRequest, ObjectLister } from "../../src/aws/artefacts/lister.js";

/** Lists keys held in memory as S3 does: byte order, pages, delimiters, StartAfter; counts the requests. */
export class MemoryLister implements ObjectLister {
  requests = 0;
  readonly #keys: readonly string[];
  readonly #pageSize: number;

  /** @param sortedKeys - In the order of their UTF-8 bytes. */
  constructor(sortedKeys: readonly string[], pageSize = 1000) {
    this.#keys = sortedKeys;
    this.#pageSize = pageSize;
  }

  static of(keys: readonly string[], pageSize = 1000): MemoryLister {
    const sorted = [...new Set(keys)].map((key) => Buffer.from(key)).sort((a, b) => Buffer.compare(a, b));
    return new MemoryLister(
      sorted.map((key) => key.toString()),
      pageSize,
    );
  }

  async list({ prefix, delimiter, startAfter = "", continuationToken }: ListRequest): Promise<ListPage> {
    this.requests += 1;
    const objects: { key: string; etag: string }[] = [];
    const commonPrefixes: string[] = [];
    let at = continuationToken === undefined ? this.#firstAfter(startAfter) : Number(continuationToken);
    at = Math.max(at, this.#firstNotBefore(prefix));
    while (at < this.#keys.length && objects.length + commonPrefixes.length < this.#pageSize) {
      const key = this.#keys[at]!;
      if (!key.startsWith(prefix)) return { objects, commonPrefixes, continuationToken: undefined };
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      if (end < 0 || delimiter === undefined) {
        objects.push({ key, etag: "etag" });
        at += 1;
      } else {
        const group = key.slice(0, end + delimiter.length);
        commonPrefixes.push(group);
        at = this.#search((other) => other.startsWith(group) || isBefore(other, group), at);
      }
    }
    const isTruncated = this.#keys[at]?.startsWith(prefix) ?? false;
    return { objects, commonPrefixes, continuationToken: isTruncated ? String(at) : undefined };
  }

  #firstAfter(key: string): number {
    return this.#search((other) => other === key || isBefore(other, key), 0);
  }

  #firstNotBefore(key: string): number {
    return this.#search((other) => isBefore(other, key), 0);
  }

  /** The first index at which the condition, true up to some point, is false. */
  #search(condition: (key: string) => boolean, from: number): number {
    let [low, high] = [from, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (condition(this.#keys[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
