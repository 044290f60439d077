import { describe, expect, test } from "@jest/globals";
import { readCsv, readParquet, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import type { ExpectedSchema } from "@ml-pipelines/pipeline-utils/formats";
import { Bool, Int64, makeVector, Table, TimestampMicrosecond, vectorFromArray } from "apache-arrow";
import { FormatError } from "@ml-pipelines/pipeline-utils";
import { bytesOf, streamOf } from "./bytes.js";
import { plain } from "./plain.js";

const schema: ExpectedSchema = {
  product_code: { type: "text", pattern: /^SKU\d{3}$/ },
  orders_placed: { type: "number", minimum: 0, maximum: 1000 },
  state: { type: "text", categories: ["NSW", "VIC"], nullable: true },
  count: { type: "integer", nullable: true },
  paid: { type: "boolean", nullable: true },
  at: { type: "timestamp", nullable: true },
};
const header = "product_code,orders_placed,state,count,paid,at,other\n";
const read = (text: string, expected = schema): ReturnType<typeof readCsv> =>
  readCsv(streamOf(text), { address: "s3://b/k.csv", schema: expected });

test.each<[string, unknown, string]>([
  ["that is text", "a", "schema is 'a', expected an object such as { price: { type: \"number\" } }"],
  [
    "with an unknown rule",
    { a: { type: "number", min: 0 } },
    'schema.a: "min" is unknown, expected type, nullable,',
  ],
  ["with a column that is text", { a: "number" }, "schema.a is 'number', expected a plain object"],
  ["without a type", { a: { minimum: 0 } }, "schema.a.type is undefined, expected 'number', 'integer',"],
  [
    "with an unknown type",
    { a: { type: "float" } },
    "schema.a.type is 'float', expected 'number', 'integer',",
  ],
  [
    "with a bound as text",
    { a: { type: "number", minimum: "0" } },
    "schema.a.minimum is '0', expected a number",
  ],
  [
    "with nullable as text",
    { a: { type: "text", nullable: "no" } },
    "schema.a.nullable is 'no', expected true or false",
  ],
  [
    "with one category",
    { a: { type: "text", categories: "a" } },
    "schema.a.categories is 'a', expected an array of texts",
  ],
  [
    "with a pattern as text",
    { a: { type: "text", pattern: "a" } },
    "schema.a.pattern is 'a', expected a regular expression",
  ],
])("rejects a schema %s", async (_, given, message) => {
  for (const call of [readCsv, readParquet]) {
    const outcome = call(streamOf("a\n1\n"), { schema: given as ExpectedSchema });
    await expect(outcome).rejects.toThrow(TypeError);
    await expect(outcome).rejects.toThrow(message);
  }
});

describe("a CSV file of the expected schema", () => {
  test("returns the types of the schema, whatever the values", async () => {
    const table = await read(`${header}SKU001,5,,1,true,2021-07-24T00:00:00Z,x\n`);
    expect(plain(table).map(({ type, values }) => [type, values[0]])).toEqual([
      ["Utf8", "SKU001"],
      ["Float64", 5],
      ["Utf8", null],
      ["Float64", 1],
      ["Bool", true],
      ["Timestamp<MICROSECOND, UTC>", Date.UTC(2021, 6, 24)],
      ["Utf8", "x"],
    ]);
  });

  test("returns an empty table when there are no rows", async () => {
    expect((await read(header)).numRows).toBe(0);
  });
});

describe("a CSV file of another schema", () => {
  test("rejects one violation with its line", async () => {
    await expect(read(`${header}SKU001,ten,NSW,,,,\n`)).rejects.toThrow(FormatError);
    await expect(read(`${header}SKU001,ten,NSW,,,,\n`)).rejects.toThrow(
      /^s3:\/\/b\/k\.csv line 2: orders_placed is "ten", expected a number$/,
    );
  });

  test("rejects an integer that Float64 would round, and returns it when its type is Int64", async () => {
    const text = "id\n9007199254740993\n-9007199254740991\n";
    const expected: ExpectedSchema = { id: { type: "integer" } };
    await expect(read(text, expected)).rejects.toThrow(/line 2: id is \d+, expected an integer below 2\^53$/);
    const table = await readCsv(streamOf(text), { schema: expected, columnTypes: { id: new Int64() } });
    expect(plain(table)[0]?.values).toEqual([2n ** 53n + 1n, 1n - 2n ** 53n]);
  });

  test("rejects a fraction that Float64 would round to an integer", async () => {
    const expected: ExpectedSchema = { id: { type: "integer" } };
    await expect(read("id\n1.0000000000000000001\n", expected)).rejects.toThrow(
      'line 2: id is "1.0000000000000000001", expected an integer',
    );
    expect(plain(await read("id\n1.0\n1e3\n", expected))[0]?.values).toEqual([1, 1000]);
  });

  test("reports all violations together, by line", async () => {
    const rows = [
      'SKU001,-1,"QLD\n",1.5,2,24/07/2021,x',
      "1,,,x,,,",
      "SKU002,NaN,VIC,,,,",
      "SKU003,1001,VIC,,,,",
    ];
    await expect(read(header + rows.join("\n"))).rejects.toThrow(
      [
        "s3://b/k.csv: 10 values or columns are not as expected: line 2: orders_placed is -1, expected at least 0",
        'line 2: state is "QLD\\n", expected one of "NSW", "VIC"',
        "line 3: count is 1.5, expected an integer",
        'line 3: paid is "2", expected true or false',
        'line 3: at is "24/07/2021", expected a date and time',
        'line 4: product_code is "1", expected a match of /^SKU\\d{3}$/',
        "line 4: orders_placed is missing, expected a value",
        'line 4: count is "x", expected an integer',
        "line 5: orders_placed is NaN, expected a finite number",
        "line 6: orders_placed is 1001, expected at most 1000",
      ].join("; "),
    );
  });

  test("reports the first twenty violations and the count of the others", async () => {
    const rows = Array.from({ length: 5000 }, () => "SKU001,x,NSW,,,,\n");
    const reading = read(header + rows.join(""));
    await expect(reading).rejects.toThrow("5000 values or columns are not as expected: line 2: ");
    await expect(reading).rejects.toThrow(/line 21: orders_placed is "x", expected a number; and 4980 more$/);
  });

  test("rejects missing columns", async () => {
    await expect(read("product_code,orders_placed\nSKU001,1\n")).rejects.toThrow(
      's3://b/k.csv: 4 values or columns are not as expected: column "state" is missing, found "product_code", "orders_placed"; ',
    );
  });
});

describe("a Parquet file", () => {
  const parquetOf = async (text: string): Promise<AsyncIterable<Uint8Array>> =>
    writeParquet(await readCsv(streamOf(text)));

  test("returns a table of the expected schema", async () => {
    const file = await parquetOf("n,t\n1,NSW\n2,VIC\n");
    const expected: ExpectedSchema = {
      n: { type: "integer" },
      t: { type: "text", categories: ["NSW", "VIC"] },
    };
    expect((await readParquet(file, { schema: expected })).numRows).toBe(2);
  });

  test("rejects a table of another schema", async () => {
    const file = await parquetOf("n,t\n1,NSW\n2,\n");
    const expected: ExpectedSchema = { n: { type: "text" }, t: { type: "text" }, u: { type: "number" } };
    await expect(readParquet(file, { schema: expected, address: "s3://b/k.parquet" })).rejects.toThrow(
      's3://b/k.parquet: 3 values or columns are not as expected: column "n" is of type Int32, expected text; column "u" is missing, found "n", "t"; row 2: t is missing, expected a value',
    );
  });

  test("returns times too large for a double, such as DuckDB's infinity", async () => {
    const at = makeVector({ type: new TimestampMicrosecond(), data: BigInt64Array.of(0n, 2n ** 63n - 1n) });
    const file = await bytesOf(writeParquet(new Table({ at })));
    const table = await readParquet(streamOf(file), { schema: { at: { type: "timestamp" } } });
    expect(table.getChild("at")?.toArray()).toEqual(BigInt64Array.of(0n, 2n ** 63n - 1n));
  });

  test("rejects a missing time or boolean", async () => {
    const times = vectorFromArray([0, null, 1], new TimestampMicrosecond());
    const file = writeParquet(
      new Table({ at: times, paid: vectorFromArray([true, false, null], new Bool()) }),
    );
    const expected: ExpectedSchema = { at: { type: "timestamp" }, paid: { type: "boolean" } };
    await expect(readParquet(file, { schema: expected, address: "s3://b/k.parquet" })).rejects.toThrow(
      "s3://b/k.parquet: 2 values or columns are not as expected: row 2: at is missing, expected a value; row 3: paid is missing, expected a value",
    );
  });

  test("compares 64-bit integers exactly, not as doubles", async () => {
    const file = writeParquet(new Table({ id: vectorFromArray([2n ** 53n, 2n ** 53n + 1n], new Int64()) }));
    const expected: ExpectedSchema = { id: { type: "integer", maximum: 2 ** 53 } };
    await expect(readParquet(file, { schema: expected })).rejects.toThrow(
      /^Parquet row 2: id is 9007199254740993, expected at most 9007199254740992$/,
    );
  });
});
