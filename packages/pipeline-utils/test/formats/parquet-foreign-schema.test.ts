import { describe, expect, test } from "@jest/globals";
import { FormatError } from "@ml-pipelines/pipeline-utils";
import { writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import {
  Field,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  vectorFromArray,
} from "apache-arrow";
import {
  COLUMN_META_DATA,
  FILE_META_DATA,
  SCHEMA_ELEMENT,
  structList,
  structListField,
  withFields,
} from "../../src/formats/parquet/footer-fields.js";
import { THRIFT_TYPES } from "../../src/formats/parquet/thrift.js";
import type { ThriftStruct } from "../../src/formats/parquet/thrift.js";
import { bytesOf } from "./bytes.js";
import { changedColumns, changedFooter } from "./changed-footer.js";
import { bytes, read, rowsOf } from "./foreign-parquet.js";

// Schemas as other programs write them, made from files of `writeParquet` by changes of their footers.

const LOGICAL_TYPE_FIELD = 10;
const REPETITION_FIELD = 3;

describe("repeated fields without an annotation", () => {
  /** The annotations are removed, so that a list is a group with a repeated group. */
  const withoutAnnotations = (file: Uint8Array): Buffer =>
    changedFooter(file, ({ struct }) =>
      withFields(struct, {
        [FILE_META_DATA.rows]: 0n,
        [FILE_META_DATA.keyValues]: undefined,
        [FILE_META_DATA.schema]: structList(
          structListField(struct, FILE_META_DATA.schema).map((element) =>
            element.has(SCHEMA_ELEMENT.type)
              ? element
              : withFields(element, {
                  [SCHEMA_ELEMENT.convertedType]: undefined,
                  [LOGICAL_TYPE_FIELD]: undefined,
                }),
          ),
        ),
      }),
    );
  const inner = new List(new Field("element", new Int32(), true));

  test("returns structs of lists when they stand in a column", async () => {
    const lists = new Table({ c: vectorFromArray([[1, null], null, []], inner) });
    const found = await read(withoutAnnotations(await bytesOf(writeParquet(lists))), ["c"]);
    expect(found.schema.names).toEqual(["c"]);
    expect(JSON.parse(JSON.stringify(found.toArray()))).toEqual([
      { c: { list: [{ element: 1 }, { element: null }] } },
      { c: null },
      { c: { list: [] } },
    ]);
  });

  test("returns structs of lists when they are nested in others and in a struct", async () => {
    const outer = new Struct([new Field("in", new List(new Field("element", inner, true)), true)]);
    const rows = [{ in: [[1], [2, null]] }, { in: [] }, { in: [null, []] }, null];
    const nested = new Table({ c: vectorFromArray(rows, outer) });
    const found = await read(withoutAnnotations(await bytesOf(writeParquet(nested))));
    expect(JSON.parse(JSON.stringify(found.toArray()))).toEqual([
      {
        c: {
          in: {
            list: [
              { element: { list: [{ element: 1 }] } },
              { element: { list: [{ element: 2 }, { element: null }] } },
            ],
          },
        },
      },
      { c: { in: { list: [] } } },
      { c: { in: { list: [{ element: null }, { element: { list: [] } }] } } },
      { c: null },
    ]);
  });

  test("returns lists when a column is a repeated number", async () => {
    // A required list of required numbers has the same levels in its pages as a repeated number.
    const list = vectorFromArray([[1, 2], [], [3]], new List(new Field("element", new Int32(), false)));
    const schema = new Schema([new Field("c", list.type, false)]);
    const data = makeData({
      type: new Struct(schema.fields),
      length: 3,
      nullCount: 0,
      children: [...list.data],
    });
    const file = await bytesOf(writeParquet(new Table(new RecordBatch(schema, data))));
    const repeated = changedFooter(file, ({ struct }) => {
      const elements = structListField(struct, FILE_META_DATA.schema);
      const [root, number] = [elements.at(0), elements.at(-1)];
      if (root === undefined || number === undefined) {
        throw new RangeError("the file has no columns");
      }
      expect(elements.map((element) => element.get(REPETITION_FIELD)?.value)).toEqual([
        undefined,
        0n,
        2n,
        0n,
      ]);
      return withFields(struct, {
        [FILE_META_DATA.keyValues]: undefined,
        [FILE_META_DATA.schema]: structList([
          root,
          withFields(number, { [REPETITION_FIELD]: 2n, [SCHEMA_ELEMENT.name]: Buffer.from("c") }),
        ]),
      });
    });
    const path = { elementType: THRIFT_TYPES.BINARY, items: [Buffer.from("c")] };
    const found = await read(changedColumns(repeated, { [COLUMN_META_DATA.path]: path }), ["c"]);
    expect(rowsOf(found)).toEqual(['{"c": [1,2]}', '{"c": []}', '{"c": [3]}']);
  });
});

describe("a group without fields", () => {
  /** The group `nested`, with the group `inner` without fields, is added to the columns before the last one. */
  const withGroup = changedFooter(bytes, ({ struct }) => {
    const [root, first, last] = structListField(struct, FILE_META_DATA.schema);
    if (root === undefined || first === undefined || last === undefined) {
      throw new RangeError("the file has other columns");
    }
    const group = (name: string, children: bigint): ThriftStruct =>
      new Map([
        [REPETITION_FIELD, { type: THRIFT_TYPES.I32, value: 1n }],
        [SCHEMA_ELEMENT.name, { type: THRIFT_TYPES.BINARY, value: Buffer.from(name) }],
        [SCHEMA_ELEMENT.children, { type: THRIFT_TYPES.I32, value: children }],
      ]);
    const elements = [
      withFields(root, { [SCHEMA_ELEMENT.children]: 3n }),
      first,
      group("nested", 1n),
      group("inner", 0n),
      last,
    ];
    return withFields(struct, {
      [FILE_META_DATA.schema]: structList(elements),
      [FILE_META_DATA.keyValues]: undefined,
    });
  });

  test("returns the columns asked for when they are others", async () => {
    expect(rowsOf(await read(withGroup, ["text", "n"]))).toEqual([
      '{"text": "a", "n": 1}',
      '{"text": "b", "n": null}',
      '{"text": null, "n": 3}',
    ]);
  });

  test.each([[undefined], [["nested"]], [["n", "nested"]]])(
    "rejects reading it with columns %j",
    async (columns) => {
      const reading = read(withGroup, columns);
      await expect(reading).rejects.toThrow(FormatError);
      await expect(reading).rejects.toThrow(
        's3://b/k.parquet: column "nested" has the group "inner" without fields, of which Parquet stores no values; ' +
          "name the other columns in the option columns",
      );
    },
  );

  test("rejects a missing column beside it", async () => {
    await expect(read(withGroup, ["x"])).rejects.toThrow('column "x" is missing, found "n", "text"');
  });
});
