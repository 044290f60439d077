import { describe, expect, test } from "@jest/globals";
import { MAX_FLOAT32 } from "@ml-pipelines/pipeline-utils/aws";
import { Ajv } from "ajv";
import fc from "fast-check";
import { inputSchema } from "../src/schemas/input.js";
import { RowReader } from "../src/validation/row-reader.js";
import { RequestValidationError } from "../src/errors.js";
import { TimeSlice } from "../src/time-slice.js";
import { signatureOf } from "@ml-pipelines/test-support/sample-model";

const reader = new RowReader(signatureOf(["SKU001", "SKU006"]));

function faultsOf(read: () => unknown): readonly object[] {
  try {
    read();
  } catch (error) {
    if (error instanceof RequestValidationError) {
      return error.details;
    }
    throw error;
  }
  return [];
}

describe("RowReader.readRow", () => {
  test("returns a row in column order, with categories as indices", () => {
    expect(reader.readRow({ orders_placed: 0.1, product_code: "SKU006", note: "ignored" })).toEqual([1, 0.1]);
  });

  test("accepts numbers as large as a float32 and no larger", () => {
    expect(reader.readRow({ product_code: "SKU001", orders_placed: MAX_FLOAT32 })).toEqual([0, MAX_FLOAT32]);
    expect(faultsOf(() => reader.readRow({ product_code: "SKU001", orders_placed: 1e39 }))).toEqual([
      {
        loc: ["body", "orders_placed"],
        msg: "ensure this value is less than or equal to 3.4028234663852886e+38",
        type: "value_error.number.not_le",
        ctx: { limit_value: MAX_FLOAT32 },
      },
    ]);
  });

  test.each([true, "100", " ", [1], {}])("rejects %j as a number", (value) => {
    expect(faultsOf(() => reader.readRow({ product_code: "SKU001", orders_placed: value }))).toEqual([
      { loc: ["body", "orders_placed"], msg: "value is not a valid float", type: "type_error.float" },
    ]);
  });

  test("reads an object's own fields only", () => {
    const inherited: unknown = Object.create({ product_code: "SKU001", orders_placed: 1 });
    expect(faultsOf(() => reader.readRow(inherited))).toHaveLength(2);
    const named = new RowReader([{ name: "__proto__", type: "number" }]);
    expect(named.readRow(JSON.parse('{"__proto__": 7}'))).toEqual([7]);
    expect(faultsOf(() => named.readRow({}))).toHaveLength(1);
  });

  test("rejects an array of pairs, which pydantic accepts", () => {
    const pairs = [
      ["product_code", "SKU001"],
      ["orders_placed", 1],
    ];
    expect(faultsOf(() => reader.readRow(pairs))).toEqual([
      { loc: ["body"], msg: "value is not a valid dict", type: "type_error.dict" },
    ]);
  });

  test("rejects numbers outside the bounds of the signature", () => {
    const bounded = new RowReader([{ name: "n", type: "number", minimum: -1.5, maximum: 2e16 }]);
    expect(bounded.readRow({ n: -1.5 })).toEqual([-1.5]);
    expect(() => bounded.readRow({ n: -2 })).toThrow(
      "body.n: ensure this value is greater than or equal to -1.5",
    );
    expect(() => bounded.readRow({ n: 3e16 })).toThrow(
      "body.n: ensure this value is less than or equal to 2e+16",
    );
  });

  test("accepts a value if and only if the documented schema does", () => {
    const validate = new Ajv().compile(inputSchema(signatureOf(["SKU001", "SKU006"])));
    const field = fc.oneof(fc.constantFrom("SKU001", "SKU000", "SKU006"), fc.double(), fc.jsonValue());
    const order = fc.record({ product_code: field, orders_placed: field }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(order, fc.jsonValue()), (body) => {
        const value: unknown = JSON.parse(JSON.stringify(body));
        expect(faultsOf(() => reader.readRow(value)).length === 0).toBe(validate(value));
      }),
    );
  });
});

describe("RowReader.readRows", () => {
  const good = { product_code: "SKU001", orders_placed: 1 };

  test("returns rows in order", async () => {
    expect(await reader.readRows([good, { ...good, product_code: "SKU006" }], 2, new TimeSlice())).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(await reader.readRows([], 2, new TimeSlice())).toEqual([]);
  });

  test("rejects more orders than allowed", async () => {
    await expect(reader.readRows([good, good, good], 2, new TimeSlice())).rejects.toThrow(
      "body: ensure this value has at most 2 items",
    );
  });

  test("reports the first hundred faults when many rows are bad", async () => {
    const rows = Array.from({ length: 1_000 }, () => ({}));
    const faults: unknown = await reader
      .readRows(rows, 1_000, new TimeSlice())
      .catch((error: unknown) => error instanceof RequestValidationError && error.details);
    expect(faults).toHaveLength(100);
    expect(faults).toContainEqual(expect.objectContaining({ loc: ["body", 49, "orders_placed"] }));
  });
});
