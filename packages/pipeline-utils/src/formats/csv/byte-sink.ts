/** Gathers bytes into chunks. Its buffer is handed over when it is full enough, and replaced. */
export class ByteSink {
  bytes: Uint8Array;
  used = 0;
  readonly #size: number;

  /** @param size - Bytes of each buffer. */
  constructor(size: number) {
    this.#size = size;
    this.bytes = new Uint8Array(size);
  }

  /** Make room for `count` bytes from `used` on. */
  reserve(count: number): void {
    if (this.used + count <= this.bytes.length) {
      return;
    }
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.used + count));
    grown.set(this.bytes.subarray(0, this.used));
    this.bytes = grown;
  }

  put(byte: number): void {
    this.reserve(1);
    this.bytes[this.used++] = byte;
  }

  /** Put a text of ASCII characters. */
  putAscii(text: string): void {
    this.reserve(text.length);
    const { bytes, used } = this;
    for (let index = 0; index < text.length; index++) {
      bytes[used + index] = text.charCodeAt(index);
    }
    this.used = used + text.length;
  }

  putBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** The bytes gathered. The sink is empty again. */
  take(): Uint8Array {
    const gathered = this.bytes.subarray(0, this.used);
    this.bytes = new Uint8Array(this.#size);
    this.used = 0;
    return gathered;
  }
}
