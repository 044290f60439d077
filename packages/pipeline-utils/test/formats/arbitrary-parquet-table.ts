import type { DataType } from "apache-arrow";
import {
  Binary,
  Bool,
  DateDay,
  DateMillisecond,
  Dictionary,
  DurationSecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  LargeUtf8,
  List,
  Null,
  Struct,
  Table,
  TimeMicrosecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Utf8View,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";

/** A type, made anew for each column, and its values. */
type Kind = readonly [() => DataType, fc.Arbitrary<unknown>];

const day = 86_400_000;
const text = fc.string({ unit: "binary", maxLength: 20 });

/** Types of columns, and of the items and fields of nested ones. */
const simple: readonly Kind[] = [
  [() => new Int8(), fc.integer({ min: -128, max: 127 })],
  [() => new Int16(), fc.integer({ min: -32768, max: 32767 })],
  [() => new Int32(), fc.integer()],
  [() => new Int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [() => new Uint8(), fc.integer({ min: 0, max: 255 })],
  [() => new Uint32(), fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  [() => new Uint64(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  [() => new Float32(), fc.float()],
  [() => new Float64(), fc.double()],
  [() => new Bool(), fc.boolean()],
  [() => new Utf8(), text],
  [() => new LargeUtf8(), text],
  [() => new Binary(), fc.uint8Array({ maxLength: 20 })],
  [() => new FixedSizeBinary(3), fc.uint8Array({ minLength: 3, maxLength: 3 })],
  [() => new DateDay(), fc.integer({ min: -700_000, max: 2_900_000 }).map((days) => new Date(days * day))],
  [() => new DateMillisecond(), fc.integer({ min: -9000, max: 29_000 }).map((days) => new Date(days * day))],
  [() => new TimestampSecond(), fc.integer().map((seconds) => seconds * 1000)],
  [() => new TimestampMillisecond("UTC"), fc.integer()],
  [() => new TimestampMicrosecond(), fc.integer()],
  [() => new TimestampNanosecond("Australia/Sydney"), fc.integer()],
  [() => new TimeSecond(), fc.integer({ min: 0, max: 86_399 })],
  [() => new TimeMicrosecond(), fc.bigInt({ min: 0n, max: 86_399_999_999n })],
  [() => new DurationSecond(), fc.bigInt({ min: 0n, max: 10n ** 12n })],
];

const nullable = (name: string, [type]: Kind): Field => new Field(name, type(), true);
const orNull = ([, values]: Kind): fc.Arbitrary<unknown> => fc.option(values, { freq: 4 });
const anySimple = fc.constantFrom(...simple);

const kind: fc.Arbitrary<Kind> = fc.oneof(
  { weight: 4, arbitrary: anySimple },
  fc.constantFrom<Kind>(
    [() => new Null(), fc.constant(null)],
    [() => new Utf8View(), text],
    [() => new Dictionary(new Utf8(), new Int32()), text],
    [() => new Dictionary(new Utf8(), new Uint8()), fc.constantFrom("a", "b", "")],
    [() => new Dictionary(new Int32(), new Int32()), fc.integer()],
  ),
  anySimple.map<Kind>((item) => [
    () => new List(nullable("item", item)),
    fc.array(orNull(item), { maxLength: 4 }),
  ]),
  anySimple.map<Kind>((item) => [
    () => new FixedSizeList(2, nullable("item", item)),
    fc.array(orNull(item), { minLength: 2, maxLength: 2 }),
  ]),
  fc
    .tuple(anySimple, anySimple)
    .map<Kind>(([a, b]) => [
      () => new Struct([nullable("a", a), nullable("b", b)]),
      fc.record({ a: orNull(a), b: orNull(b) }),
    ]),
);

/** Tables of the types that Parquet has a form for, nested ones among them, empty ones and columns of nulls. */
export const parquetTable: fc.Arbitrary<Table> = fc
  .record({
    names: fc.uniqueArray(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 4 }),
    rows: fc.integer({ min: 0, max: 25 }),
  })
  .chain(({ names, rows }) => {
    const column = kind.chain((of) =>
      fc
        .array(orNull(of), { minLength: rows, maxLength: rows })
        .map((values) => vectorFromArray(values, of[0]())),
    );
    return fc
      .tuple(...names.map(() => column))
      .map((vectors) => new Table(Object.fromEntries(names.map((name, index) => [name, vectors[index]!]))));
  });
