import { rowNumbers } from "./argsort.js";

const STATE_WORDS = 624;
const MIDDLE_WORD = 397;

/**
 * The random numbers of numpy's `RandomState(seed)`, as far as shuffling needs them: MT19937, seeded by one
 * 32-bit integer.
 *
 * @see Matsumoto and Nishimura 1998, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random
 * number generator", and numpy's `numpy/random/src/mt19937` and `distributions.c` (`random_interval`).
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(STATE_WORDS);
  #next = STATE_WORDS;

  /** @throws {RangeError} The seed is not an integer from 0 to 2^32 - 1. */
  constructor(seed: number) {
    this.#state[0] = checkSeed(seed);
    for (let i = 1; i < STATE_WORDS; i++) {
      const before = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
  }

  /** The numbers 0 to n - 1 in random order: `RandomState.permutation(n)`. */
  permutation(n: number): Int32Array {
    const items = rowNumbers(n);
    this.shuffle(items);
    return items;
  }

  /** Shuffle in place: `RandomState.shuffle(items)`. */
  shuffle(items: Int32Array): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.upTo(i);
      const item = items[i]!;
      items[i] = items[j]!;
      items[j] = item;
    }
  }

  /**
   * Uniform from 0 to max, below 2^32: draw as many bits as max has, and repeat while the result is above max.
   * `RandomState.randint(0, max + 1)`.
   */
  upTo(max: number): number {
    const mask = 2 ** (32 - Math.clz32(max)) - 1;
    for (;;) {
      const value = (this.#word() & mask) >>> 0;
      if (value <= max) {
        return value;
      }
    }
  }

  #word(): number {
    if (this.#next === STATE_WORDS) {
      this.#twist();
    }
    let word = this.#state[this.#next++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < STATE_WORDS; i++) {
      const mixed = (state[i]! & 0x80000000) | (state[(i + 1) % STATE_WORDS]! & 0x7fffffff);
      const twisted = (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
      state[i] = state[(i + MIDDLE_WORD) % STATE_WORDS]! ^ twisted;
    }
    this.#next = 0;
  }
}

/** @throws {RangeError} The seed is not an integer from 0 to 2^32 - 1. */
export function checkSeed(seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(`seed is ${seed}, expected an integer from 0 to 4294967295`);
  }
  return seed;
}
