import { type ThriftList, type ThriftStruct, ThriftType, type ThriftValue } from "./thrift-value.js";

/** The bytes of a struct in Thrift's compact protocol. */
export function thriftBytes(struct: ThriftStruct): Uint8Array {
  const writer = new ThriftWriter();
  writer.writeStruct(struct);
  return Buffer.concat(writer.parts);
}

class ThriftWriter {
  readonly parts: Uint8Array[] = [];

  writeStruct(struct: ThriftStruct): void {
    let previous = 0;
    for (const [id, { type, value }] of struct) {
      // A truth value is its type; it may have changed since it was read.
      const written = typeof value === "boolean" ? (value ? ThriftType.TRUE : ThriftType.FALSE) : type;
      const delta = id - previous;
      if (delta > 0 && delta < 16) this.#byte((delta << 4) | written);
      else {
        this.#byte(written);
        this.#zigzag(BigInt(id));
      }
      previous = id;
      if (typeof value !== "boolean") this.#value(type, value);
    }
    this.#byte(0);
  }

  #value(type: number, value: ThriftValue): void {
    if (typeof value === "boolean") this.#byte(value ? ThriftType.TRUE : ThriftType.FALSE);
    else if (typeof value === "bigint") {
      if (type === ThriftType.BYTE) this.#byte(Number(value));
      else this.#zigzag(value);
    } else if (value instanceof Uint8Array) {
      if (type === ThriftType.BINARY) this.#varint(BigInt(value.length));
      this.parts.push(value);
    } else if (value instanceof Map) this.writeStruct(value);
    else if ("items" in value) this.#list(value);
  }

  #list({ elementType, items }: ThriftList): void {
    if (items.length < 15) this.#byte((items.length << 4) | elementType);
    else {
      this.#byte((15 << 4) | elementType);
      this.#varint(BigInt(items.length));
    }
    for (const item of items) this.#value(elementType, item);
  }

  #zigzag(value: bigint): void {
    this.#varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  }

  #varint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  #byte(byte: number): void {
    this.parts.push(Uint8Array.of(byte));
  }
}
