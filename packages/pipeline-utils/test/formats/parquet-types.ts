import * as arrow from "apache-arrow";

const { vectorFromArray } = arrow;
const days = [new Date(86_400_000), null, new Date(0)];
const times = [1000, null, 2_000_000];
const nullable = <T extends arrow.DataType>(name: string, type: T): arrow.Field<T> =>
  new arrow.Field(name, type, true);
const entries = new arrow.Struct<{ key: arrow.Utf8; value: arrow.Int32 }>([
  new arrow.Field("key", new arrow.Utf8(), false),
  nullable("value", new arrow.Int32()),
]);

/** A column of three rows, the middle one null, of every type that goes through Parquet and comes back. */
export const columnsOfTypes: Readonly<Record<string, arrow.Vector>> = {
  int8: vectorFromArray([1, null, -128], new arrow.Int8()),
  int16: vectorFromArray([1, null, -32768], new arrow.Int16()),
  int32: vectorFromArray([1, null, -(2 ** 31)], new arrow.Int32()),
  int64: vectorFromArray([1n, null, -(2n ** 63n)], new arrow.Int64()),
  uint8: vectorFromArray([1, null, 255], new arrow.Uint8()),
  uint16: vectorFromArray([1, null, 65535], new arrow.Uint16()),
  uint32: vectorFromArray([1, null, 2 ** 32 - 1], new arrow.Uint32()),
  uint64: vectorFromArray([1n, null, 2n ** 64n - 1n], new arrow.Uint64()),
  float16: vectorFromArray([1.5, null, -2], new arrow.Float16()),
  float32: vectorFromArray([1.5, null, Infinity], new arrow.Float32()),
  float64: vectorFromArray([0.1, null, NaN], new arrow.Float64()),
  bool: vectorFromArray([true, null, false], new arrow.Bool()),
  utf8: vectorFromArray(["é", null, ""], new arrow.Utf8()),
  largeUtf8: vectorFromArray(["é", null, ""], new arrow.LargeUtf8()),
  binary: vectorFromArray([Uint8Array.of(1, 2), null, Uint8Array.of()], new arrow.Binary()),
  fixedSizeBinary: vectorFromArray(
    [Uint8Array.of(1, 2), null, Uint8Array.of(3, 4)],
    new arrow.FixedSizeBinary(2),
  ),
  dateDay: vectorFromArray(days, new arrow.DateDay()),
  dateMillisecond: vectorFromArray(days, new arrow.DateMillisecond()),
  timestampSecond: vectorFromArray(times, new arrow.TimestampSecond()),
  timestampMillisecond: vectorFromArray(times, new arrow.TimestampMillisecond()),
  timestampMicrosecond: vectorFromArray(times, new arrow.TimestampMicrosecond("UTC")),
  timestampNanosecond: vectorFromArray(times, new arrow.TimestampNanosecond("Australia/Sydney")),
  timeSecond: vectorFromArray([1, null, 3], new arrow.TimeSecond()),
  timeMillisecond: vectorFromArray([1, null, 3], new arrow.TimeMillisecond()),
  timeMicrosecond: vectorFromArray([1n, null, 3n], new arrow.TimeMicrosecond()),
  timeNanosecond: vectorFromArray([1n, null, 3n], new arrow.TimeNanosecond()),
  durationMillisecond: vectorFromArray([1n, null, 3n], new arrow.DurationMillisecond()),
  decimal: vectorFromArray(
    [Uint32Array.of(1, 0, 0, 0), null, Uint32Array.of(5, 0, 0, 0)],
    new arrow.Decimal(2, 10),
  ),
  dictionary: vectorFromArray(["b", null, "a"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
  smallDictionary: vectorFromArray(
    ["b", null, "a"],
    new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
  ),
  list: vectorFromArray([[1, 2], null, []], new arrow.List(nullable("item", new arrow.Int32()))),
  struct: vectorFromArray([{ a: 1 }, null, { a: 3 }], new arrow.Struct([nullable("a", new arrow.Int32())])),
  map: vectorFromArray(
    [new Map([["a", 1]]), null, new Map<string, number>()],
    new arrow.Map_(new arrow.Field("entries", entries, false)),
  ),
  null: vectorFromArray([null, null, null], new arrow.Null()),
  nullNumbers: vectorFromArray([null, null, null], new arrow.Float64()),
  nullTexts: vectorFromArray([null, null, null], new arrow.Utf8()),
};
