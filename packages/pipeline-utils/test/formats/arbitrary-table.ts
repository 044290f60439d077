import type { DataType } from "apache-arrow";
import {
  Bool,
  DateDay,
  Dictionary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";

/** Texts, among them those that look like something else. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "1",
    "-0",
    "007",
    "+1",
    "1.50",
    " 1",
    "1 ",
    "1e5",
    ".5",
    "5.",
    "NaN",
    "inf",
    "-Infinity",
  ),
  fc.constantFrom(
    "true",
    "False",
    "TRUE",
    "tRUE",
    "null",
    "NA",
    "\ufeff",
    '"',
    '""',
    "a,b",
    "\n",
    "\r",
    "\r\n",
    " ",
  ),
  fc.string({ unit: fc.constantFrom(...Array.from('01.,-+eE"\n\r t')) }),
  fc.integer({ min: 90, max: 200 }).map((length) => "é".repeat(length)),
);

/** Columns of the types that `readCsv` infers, each with a value that shows its type. */
const inferred: readonly (readonly [DataType, fc.Arbitrary<unknown>])[] = [
  [new Int32(), fc.integer()],
  [
    new Float64(),
    fc.oneof(
      fc.double(),
      fc.integer().map((cents) => cents / 100),
    ),
  ],
  [new Bool(), fc.boolean()],
  [new Utf8(), text],
];

const day = 86_400_000;
const asked: readonly (readonly [DataType, fc.Arbitrary<unknown>])[] = [
  ...inferred,
  [new Int8(), fc.integer({ min: -128, max: 127 })],
  [new Uint8(), fc.integer({ min: 0, max: 255 })],
  [new Int16(), fc.integer({ min: -32768, max: 32767 })],
  [new Uint32(), fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  [new Int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [new Uint64(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  [new Float32(), fc.float()],
  [new DateDay(), fc.integer({ min: -700_000, max: 2_900_000 }).map((days) => new Date(days * day))],
  [new TimestampSecond(), fc.integer({ min: -60_000_000_000, max: 250_000_000_000 }).map((n) => n * 1000)],
  [new TimestampMillisecond("UTC"), fc.integer({ min: -60_000_000_000, max: 2 ** 47 })],
  [new TimestampMicrosecond("Australia/Sydney"), fc.integer({ min: -60_000_000_000, max: 2 ** 40 })],
  [new TimestampNanosecond(), fc.integer({ min: -60_000_000_000, max: 2 ** 40 })],
];

function tableOf(
  columns: readonly (readonly [DataType, fc.Arbitrary<unknown>])[],
  hasValues: boolean,
): fc.Arbitrary<Table> {
  const shape = fc.record({
    names: fc.uniqueArray(
      fc.oneof(text, fc.string()).filter((name) => name !== ""),
      { minLength: 1, maxLength: 5 },
    ),
    rows: fc.integer({ min: hasValues ? 1 : 0, max: 20 }),
  });
  return shape.chain(({ names, rows }) => {
    const column = fc.constantFrom(...columns).chain(([type, value]) =>
      fc
        .array(fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null)), {
          minLength: rows,
          maxLength: rows,
        })
        .filter((values) => !hasValues || values.some((item) => item !== null))
        .map((values) => vectorFromArray(values, type)),
    );
    return fc
      .tuple(...names.map(() => column))
      .map((vectors) => new Table(Object.fromEntries(names.map((name, index) => [name, vectors[index]!]))));
  });
}

/** Tables of which `readCsv` finds the types by itself. */
export const inferredTable = tableOf(inferred, true);

/** Tables of any type that CSV has a form for, empty ones and columns of nulls among them. */
export const anyTable = tableOf(asked, false);

/** Tables with a column of a dictionary. */
export const dictionaryTable = fc
  .array(fc.option(text), { maxLength: 20 })
  .map((values) => new Table({ x: vectorFromArray(values, new Dictionary(new Utf8(), new Int32())) }));
