// Numbers of Apache Arrow vectors of any copy of Arrow: they are recognised by their structure.

/** The parts of an Arrow vector that are read here. */
interface ArrowVector {
  readonly length: number;
  readonly type: {
    readonly typeId: number;
    /** Width of floats: 0 for 16 bits. */
    readonly precision?: number;
    /** Decimals after the point. */
    readonly scale?: number;
  };
  get(row: number): unknown;
  toArray(): unknown;
}

/** @see https://github.com/apache/arrow/blob/main/format/Schema.fbs (union Type, enum Precision) */
const INT_TYPE = 2;
const FLOAT_TYPE = 3;
const DECIMAL_TYPE = 7;
const HALF_PRECISION = 0;

const WORD_BITS = 32;

export function isArrowVector(column: object): column is ArrowVector {
  if (!("type" in column && "get" in column && typeof column.get === "function")) {
    return false;
  }
  const { type } = column;
  return typeof type === "object" && type !== null && "typeId" in type && typeof type.typeId === "number";
}

/**
 * The values of a vector as numbers. `toArray` alone would give the bits of 16-bit floats and the words of decimals.
 *
 * @param name - Name of the column in messages.
 * @throws {TypeError} A type other than integers, floats and decimals; an integer or a decimal beyond 2^53.
 */
export function readArrowNumbers(vector: ArrowVector, name: string): ArrayLike<number> {
  const { type } = vector;
  const { typeId, precision, scale = 0 } = type;
  if (typeId !== INT_TYPE && typeId !== FLOAT_TYPE && typeId !== DECIMAL_TYPE) {
    throw new TypeError(`${name} has the Arrow type ${nameOf(type)}, expected numbers`);
  }
  const array = vector.toArray();
  const isEncoded = typeId === DECIMAL_TYPE || (typeId === FLOAT_TYPE && precision === HALF_PRECISION);
  if (!isEncoded && isTyped(array)) {
    return array;
  }
  const numbers = new Float64Array(vector.length);
  for (let row = 0; row < numbers.length; row++) {
    const value = vector.get(row);
    if (typeof value === "number") {
      numbers[row] = value;
      continue;
    }
    const integer = value instanceof Uint32Array ? integerOf(value) : value;
    if (typeof integer !== "bigint" || !isExact(integer)) {
      const [shown, bound] =
        scale === 0
          ? [String(integer), "at most 2^53"]
          : [`${String(integer)}e${-scale}`, `at most 2^53 before the scale of ${scale} is applied`];
      throw new TypeError(
        `${name} row ${row} of the Arrow type ${nameOf(type)} is ${shown}, expected ${bound}`,
      );
    }
    // Parsing rounds once, to the nearest number. Dividing by a large power of ten would round twice.
    numbers[row] = scale === 0 ? Number(integer) : Number(`${integer}e${-scale}`);
  }
  return numbers;
}

/** Whether an array is typed, and has numbers, not bigints. */
export function isTyped(array: unknown): array is ArrayLike<number> & ArrayBufferView {
  return ArrayBuffer.isView(array) && !(array instanceof BigInt64Array || array instanceof BigUint64Array);
}

/** A signed integer from its 32-bit words, the lowest first. */
function integerOf(words: Uint32Array): bigint {
  const value = words.reduceRight((high, word) => (high << BigInt(WORD_BITS)) | BigInt(word), 0n);
  return BigInt.asIntN(WORD_BITS * words.length, value);
}

function isExact(value: bigint): boolean {
  const bound = 2n ** 53n;
  return value >= -bound && value <= bound;
}

/** Arrow's types print as their names, such as `Timestamp<MILLISECOND>`. */
function nameOf(type: { readonly typeId: number }): string {
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- The classes of Arrow's types have a toString.
  const name = String(type);
  return name.startsWith("[object") ? `number ${type.typeId}` : name;
}
