import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "@jest/globals";

import { Model } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, JsonValue, Target } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression, toOnnx } from "@ml-pipelines/pipeline-utils/ml-cart";

const FIXTURES = fileURLToPath(new URL("../fixtures/onnx/", import.meta.url));
const read = (name: string): string => readFileSync(path.join(FIXTURES, name), "utf8");
const parseModel: (text: string) => { features: Feature[]; target: Target; model: JsonValue } = JSON.parse;
const parseRows: (text: string) => number[][] = JSON.parse;
const parseAnswers: (text: string) => { onnx: string; answers: number[] } = JSON.parse;

const { features, target, model: tree } = parseModel(read("model.json"));
const rows = parseRows(read("rows.json"));
const frozen = parseAnswers(read("answers.json"));

const modelWith = (changes: { features?: Feature[]; target?: Target | undefined; tree?: JsonValue } = {}) => {
  const with_ = { features, target, tree, ...changes };
  return new Model({
    name: "hours",
    model: dtRegression.fromJSON(with_.tree),
    modelClass: dtRegression,
    trainDataset: { bucket: "data", key: "datasets/hours_2026-01-01.csv", hash: "abc" },
    features: with_.features,
    target: with_.target,
    creationTime: new Date("2026-01-02T00:00:00Z"),
    pipelineGitCommitHash: "NA",
  });
};

/** A field of a protobuf message: its number, and an integer or bytes. */
type Field = readonly [number: number, value: number | Buffer];

/** The fields of a message, in order. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let position = 0;
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = message.readUInt8(position);
      position += 1;
      value += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) {
        return value;
      }
    }
  };
  while (position < message.length) {
    const tag = varint();
    const value = varint();
    const isBytes = (tag & 7) === 2;
    fields.push([tag >> 3, isBytes ? message.subarray(position, position + value) : value]);
    position += isBytes ? value : 0;
  }
  expect(position).toBe(message.length);
  return fields;
}

const bytesIn = (message: Buffer, field: number): Buffer[] =>
  fieldsOf(message).flatMap(([number, value]) => (number === field && Buffer.isBuffer(value) ? [value] : []));
const textsIn = (message: Buffer, field: number) => bytesIn(message, field).map(String);
const integersIn = (message: Buffer, field: number): number[] =>
  fieldsOf(message).flatMap(([number, value]) =>
    number === field && typeof value === "number" ? [value] : [],
  );

describe("toOnnx", () => {
  test("writes the file whose answers onnxruntime gave, which equal the tree's", () => {
    const model = modelWith();
    expect(Buffer.from(toOnnx(model)).toString("base64")).toBe(frozen.onnx);
    expect(rows.map((row) => dtRegression.predict?.(model.model, row))).toEqual(frozen.answers);
  });

  test("has an input for each feature, the operators in order, and one output", () => {
    const file = Buffer.from(toOnnx(modelWith()));
    expect(integersIn(file, 1)).toEqual([10]);
    expect(bytesIn(file, 8).map((set) => [textsIn(set, 1), integersIn(set, 2)])).toEqual([
      [[""], [21]],
      [["ai.onnx.ml"], [5]],
    ]);
    const [graph = Buffer.of()] = bytesIn(file, 7);
    expect(bytesIn(graph, 11).flatMap((input) => textsIn(input, 1))).toEqual(
      features.map(({ name }) => name),
    );
    expect(bytesIn(graph, 12).flatMap((output) => textsIn(output, 1))).toEqual(["hours_to_dispatch"]);
    const operators = ["LabelEncoder", "Gather", "Cast", "Cast", "Cast", "Concat", "TreeEnsemble"];
    expect(bytesIn(graph, 1).flatMap((node) => textsIn(node, 4))).toEqual(operators);
    expect(textsIn(bytesIn(file, 14)[0]!, 2)).toEqual([String(modelWith())]);
  });

  test("writes a split with one target for a tree of one leaf", () => {
    const leaf = modelWith({ tree: { name: "DTRegression", options: {}, root: { distribution: 7 } } });
    const [graph = Buffer.of()] = bytesIn(Buffer.from(toOnnx(leaf)), 7);
    const ensemble = bytesIn(graph, 1).at(-1)!;
    const attribute = (name: string) => bytesIn(ensemble, 5).find((each) => textsIn(each, 1)[0] === name)!;
    expect(integersIn(attribute("nodes_trueleafs"), 8)).toEqual([1]);
    expect(integersIn(attribute("nodes_falsenodeids"), 8)).toEqual([0]);
  });

  test("names the output prediction when the model has no target", () => {
    const [graph = Buffer.of()] = bytesIn(Buffer.from(toOnnx(modelWith({ target: undefined }))), 7);
    expect(bytesIn(graph, 12).flatMap((output) => textsIn(output, 1))).toEqual(["prediction"]);
  });

  test.each<[string, Parameters<typeof modelWith>[0], string]>([
    [
      "a class as target",
      { target: { name: "late", type: "category", categories: ["no", "yes"] } },
      "model hours: the target late is a category, expected a number for ONNX",
    ],
    ["no features", { features: [] }, "model hours has 0 features, expected at least 1 for ONNX"],
    [
      "a target with the name of a feature",
      { target: { name: "express", type: "number" } },
      "model hours: the target and a feature are both named express",
    ],
    [
      "a split by a column without a feature",
      { features: features.slice(0, 2) },
      "root.right.splitColumn is 2, expected a column from 0 to 1",
    ],
  ])("rejects %s", (_, changes, message) => {
    expect(() => toOnnx(modelWith(changes))).toThrow(message);
  });
});
