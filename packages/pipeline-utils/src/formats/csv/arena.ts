/** Arrow's arrays begin at multiples of as many bytes. */
const ALIGNMENT = 8;
/** Bytes of a buffer of many arrays, at the most. */
const LARGEST = 1 << 22;

type NumberArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Float64Array;

/** A type of array that views a buffer. */
export interface ArrayType<T extends NumberArray> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * Memory of arrays, end to end in buffers that can be used again as they are. What is left to the garbage collector is there
 * for a while beside what takes its place: without this, files of 100 MB of short fields peaked 15 to 35 MB higher.
 */
export class Arena {
  /** Buffers that are full, in the order they were filled. */
  readonly full: ArrayBufferLike[] = [];
  readonly #free: ArrayBufferLike[] = [];
  #buffer: ArrayBufferLike = new ArrayBuffer(0);
  /** Bytes of the buffer that are in use, from its start. */
  #used = 0;
  /** Bytes of all buffers. */
  #total = 0;

  /** Have buffers used again, of which nothing is needed any more. */
  give(buffers: Iterable<ArrayBufferLike>): void {
    this.#free.push(...buffers);
  }

  /** An array, of any values. */
  array<T extends NumberArray>(type: ArrayType<T>, length: number): T {
    const bytes = length * type.BYTES_PER_ELEMENT;
    if (this.#used + bytes > this.#buffer.byteLength) this.#next(bytes);
    const at = this.#used;
    this.#used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return new type(this.#buffer, at, length);
  }

  copy<T extends NumberArray>(type: ArrayType<T>, values: ArrayLike<number>): T {
    const copy = this.array(type, values.length);
    copy.set(values);
    return copy;
  }

  #next(bytes: number): void {
    if (this.#used > 0) this.full.push(this.#buffer);
    const index = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    const [buffer] = index < 0 ? [] : this.#free.splice(index, 1);
    // Of a small table, no more than half is spare.
    this.#buffer = buffer ?? Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(LARGEST, this.#total))).buffer;
    this.#total += this.#buffer.byteLength;
    this.#used = 0;
  }
}
