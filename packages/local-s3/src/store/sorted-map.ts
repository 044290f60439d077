interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

/** Small enough that an insertion moves few keys, large enough that a million keys make few chunks. */
const MAX_CHUNK_KEYS = 512;

/**
 * A map from string to `V`, in UTF-8 order of its keys.
 *
 * The keys are in a list of sorted chunks. A lookup or a seek takes two binary searches. An insertion moves the keys of
 * one chunk.
 */
export class SortedMap<V> {
  readonly #chunks: Chunk<V>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const chunk = this.#chunkOf(key);
    const index = chunk === undefined ? 0 : indexOf(chunk, key);
    return chunk?.keys[index] === key ? chunk.values[index] : undefined;
  }

  set(key: string, value: V): void {
    const last = this.#chunks.at(-1);
    if (last === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      this.#size++;
      return;
    }
    const chunk = this.#chunkOf(key) ?? last;
    const index = indexOf(chunk, key);
    if (chunk.keys[index] === key) {
      chunk.values[index] = value;
      return;
    }
    chunk.keys.splice(index, 0, key);
    chunk.values.splice(index, 0, value);
    this.#size++;
    if (chunk.keys.length > MAX_CHUNK_KEYS) {
      this.#split(chunk, chunk === last && index === chunk.keys.length - 1);
    }
  }

  delete(key: string): void {
    const chunk = this.#chunkOf(key);
    const index = chunk === undefined ? 0 : indexOf(chunk, key);
    if (chunk?.keys[index] !== key) {
      return;
    }
    chunk.keys.splice(index, 1);
    chunk.values.splice(index, 1);
    this.#size--;
    if (chunk.keys.length === 0) {
      this.#chunks.splice(this.#chunks.indexOf(chunk), 1);
    }
  }

  /** All entries, in order. */
  entries(): Generator<[key: string, value: V], void, undefined> {
    return this.entriesFrom(() => false);
  }

  /**
   * The entries from the first key for which `isBefore` is false, in order. The map must not change meanwhile.
   *
   * @param isBefore - True for all keys up to some key, false from there on.
   */
  *entriesFrom(isBefore: (key: string) => boolean): Generator<[key: string, value: V], void, undefined> {
    let number = this.#chunkNumber(isBefore);
    let index = firstNot(this.#chunks[number]?.keys.length ?? 0, (i) =>
      isBefore(this.#chunks[number]?.keys[i] ?? ""),
    );
    for (; number < this.#chunks.length; number++, index = 0) {
      const chunk = this.#chunks[number];
      for (; chunk !== undefined && index < chunk.keys.length; index++) {
        const key = chunk.keys[index];
        const value = chunk.values[index];
        if (key !== undefined && value !== undefined) {
          yield [key, value];
        }
      }
    }
  }

  /** The only chunk that may hold the key: the first whose last key is not below it. */
  #chunkOf(key: string): Chunk<V> | undefined {
    return this.#chunks[this.#chunkNumber((other) => compareUtf8(other, key) < 0)];
  }

  #chunkNumber(isBefore: (key: string) => boolean): number {
    return firstNot(this.#chunks.length, (i) => isBefore(this.#chunks[i]?.keys.at(-1) ?? ""));
  }

  /** Halve a chunk. If its last key was appended at the map's end, as ascending keys are, only that key moves. */
  #split(chunk: Chunk<V>, appended: boolean): void {
    const at = appended ? chunk.keys.length - 1 : chunk.keys.length >> 1;
    this.#chunks.splice(this.#chunks.indexOf(chunk) + 1, 0, {
      keys: chunk.keys.splice(at),
      values: chunk.values.splice(at),
    });
  }
}

function indexOf<V>(chunk: Chunk<V>, key: string): number {
  return firstNot(chunk.keys.length, (i) => compareUtf8(chunk.keys[i] ?? "", key) < 0);
}

/** Binary search: the first index below `length` where `isBelow` is false, else `length`. */
function firstNot(length: number, isBelow: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * Compare strings by their UTF-8 bytes, as S3 sorts keys, without encoding them.
 *
 * UTF-16 units have the same order, except for surrogates: they stand for code points above U+FFFF but are less than
 * U+E000.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      return rank(x) - rank(y);
    }
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) {
    return unit;
  }
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
