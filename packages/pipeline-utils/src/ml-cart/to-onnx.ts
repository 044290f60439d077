import type { Feature } from "../aws/models/feature.js";
import type { Model } from "../aws/models/model.js";
import { SerialisationError } from "../errors.js";
import { treeFields } from "./copy-tree.js";
import type { MlCartTree, PlainNode } from "./copy-tree.js";
import * as onnx from "./onnx-messages.js";

/** Name of the output of a model without a target. */
const DEFAULT_OUTPUT = "prediction";

/** Values of TreeEnsemble's attributes: https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html */
const BRANCH_LT = 1;
const SUM = 1;
const NO_TRANSFORM = 0;

/**
 * Convert a tree with its signature to an ONNX file, whose predictions equal the tree's to the last bit.
 *
 * The inputs are the features by name, each of shape (rows, 1): a category as text, a number as double, a boolean as
 * bool. The output, of shape (rows, 1), has the target's name. An unknown category is an error of the runtime.
 *
 * @param model - A model of `dtRegression` with a number as target.
 * @returns The bytes of the file: IR version 10, opset 21, ai.onnx.ml 5, for runtimes since ONNX 1.16.
 * @throws {SerialisationError} The target is a class, or has the name of a feature; there are no features, or the tree
 *   is invalid.
 */
export function toOnnx(model: Model<MlCartTree>): Uint8Array {
  const { name, features, target } = model;
  const output = target?.name ?? DEFAULT_OUTPUT;
  if (target?.type === "category") {
    throw new SerialisationError(
      `model ${name}: the target ${output} is a category, expected a number for ONNX`,
    );
  }
  if (features.length === 0) {
    throw new SerialisationError(`model ${name} has 0 features, expected at least 1 for ONNX`);
  }
  if (features.some((feature) => feature.name === output)) {
    throw new SerialisationError(`model ${name}: the target and a feature are both named ${output}`);
  }
  const parts = features.map(encodeFeature);
  const row = `${output}/row`;
  const join = onnx.encodeNode({
    operator: "Concat",
    inputs: parts.map(({ result }) => result),
    output: row,
    attributes: [onnx.integerAttribute("axis", 1)],
  });
  const tree = onnx.encodeNode({
    operator: "TreeEnsemble",
    domain: "ai.onnx.ml",
    inputs: [row],
    output,
    attributes: encodeTree(flatten(model)),
  });
  const graph = onnx.encodeGraph({
    name,
    nodes: [...parts.flatMap(({ nodes }) => nodes), join, tree],
    initializers: parts.flatMap(({ initializers }) => initializers),
    inputs: parts.map(({ input }) => input),
    outputs: [{ name: output, dataType: onnx.DATA_TYPES.double }],
  });
  return onnx.encodeModel({
    producer: "@ml-pipelines/pipeline-utils",
    graph,
    metadata: { model_version: String(model) },
  });
}

/** The conversion of one feature to a column of doubles, as the tree compares them. */
interface FeaturePart {
  readonly input: onnx.ColumnInfo;
  readonly initializers: readonly Uint8Array[];
  readonly nodes: readonly Uint8Array[];
  /** Name of the column. */
  readonly result: string;
}

function encodeFeature(feature: Feature): FeaturePart {
  const { name } = feature;
  const result = `${name}/value`;
  const toDouble = (from: string) => cast(from, result, onnx.DATA_TYPES.double);
  switch (feature.type) {
    case "boolean":
      return {
        input: { name, dataType: onnx.DATA_TYPES.boolean },
        initializers: [],
        nodes: [toDouble(name)],
        result,
      };
    case "number": {
      // Trees compare 32-bit floats.
      const single = `${name}/single`;
      return {
        input: { name, dataType: onnx.DATA_TYPES.double },
        initializers: [],
        nodes: [cast(name, single, onnx.DATA_TYPES.float), toDouble(single)],
        result,
      };
    }
    case "category":
      return encodeCategory(name, feature.categories, result);
  }
}

/** An unknown category gets an index past the end of a table, and looking that up is an error. */
function encodeCategory(name: string, categories: readonly string[], result: string): FeaturePart {
  const [index, table] = [`${name}/index`, `${name}/table`];
  const indices = [...categories.keys()];
  const encode = onnx.encodeNode({
    operator: "LabelEncoder",
    domain: "ai.onnx.ml",
    inputs: [name],
    output: index,
    attributes: [
      onnx.textsAttribute("keys_strings", categories),
      onnx.integersAttribute("values_int64s", indices),
      onnx.integerAttribute("default_int64", categories.length),
    ],
  });
  return {
    input: { name, dataType: onnx.DATA_TYPES.string },
    initializers: [onnx.encodeDoubles(table, indices)],
    nodes: [encode, onnx.encodeNode({ operator: "Gather", inputs: [table, index], output: result })],
    result,
  };
}

function cast(from: string, to: string, dataType: number): Uint8Array {
  return onnx.encodeNode({
    operator: "Cast",
    inputs: [from],
    output: to,
    attributes: [onnx.integerAttribute("to", dataType)],
  });
}

/** Inner nodes and leaves in two lists. A child is an index of one of them. */
interface FlatNodes {
  readonly splits: { readonly column: number; readonly value: number; left: Child; right: Child }[];
  readonly leaves: number[];
}

interface Child {
  readonly isLeaf: boolean;
  readonly index: number;
}

function flatten({ model, features }: Model<MlCartTree>): FlatNodes {
  const flat: FlatNodes = { splits: [], leaves: [] };
  const { root } = treeFields(model, features.length);
  // treeFields limits the depth, so that recursion cannot overflow the stack.
  const add = ({ splitColumn, splitValue, left, right, distribution }: PlainNode): Child => {
    if (splitColumn === undefined || splitValue === undefined || left === undefined || right === undefined) {
      return { isLeaf: true, index: flat.leaves.push(distribution ?? NaN) - 1 };
    }
    const unset = { isLeaf: true, index: 0 };
    const split = { column: splitColumn, value: splitValue, left: unset, right: unset };
    const index = flat.splits.push(split) - 1;
    Object.assign(split, { left: add(left), right: add(right) });
    return { isLeaf: false, index };
  };
  const child = add(root);
  if (child.isLeaf) {
    // TreeEnsemble needs a split: both sides of this one lead to the only leaf.
    flat.splits.push({ column: 0, value: 0, left: child, right: child });
  }
  return flat;
}

function encodeTree({ splits, leaves }: FlatNodes): Uint8Array[] {
  const sides = { true: splits.map(({ left }) => left), false: splits.map(({ right }) => right) };
  return [
    onnx.integersAttribute("tree_roots", [0]),
    onnx.integersAttribute(
      "nodes_featureids",
      splits.map(({ column }) => column),
    ),
    onnx.tensorAttribute(
      "nodes_modes",
      onnx.encodeBytes(
        "nodes_modes",
        splits.map(() => BRANCH_LT),
      ),
    ),
    onnx.tensorAttribute(
      "nodes_splits",
      onnx.encodeDoubles(
        "nodes_splits",
        splits.map(({ value }) => value),
      ),
    ),
    ...Object.entries(sides).flatMap(([side, children]) => [
      onnx.integersAttribute(
        `nodes_${side}nodeids`,
        children.map(({ index }) => index),
      ),
      onnx.integersAttribute(
        `nodes_${side}leafs`,
        children.map(({ isLeaf }) => Number(isLeaf)),
      ),
    ]),
    onnx.integersAttribute(
      "leaf_targetids",
      leaves.map(() => 0),
    ),
    onnx.tensorAttribute("leaf_weights", onnx.encodeDoubles("leaf_weights", leaves)),
    onnx.integerAttribute("n_targets", 1),
    onnx.integerAttribute("aggregate_function", SUM),
    onnx.integerAttribute("post_transform", NO_TRANSFORM),
  ];
}
