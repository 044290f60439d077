import { Type } from "@sinclair/typebox";
import { MAX_ROWS } from "../limits.js";
import { MLFLOW_ERROR_CODES } from "../protocols/error-form.js";

const TensorMetadata = Type.Object({
  name: Type.String(),
  datatype: Type.String(),
  shape: Type.Array(Type.Integer()),
});
const Tensor = Type.Object({
  ...TensorMetadata.properties,
  data: Type.Array(Type.Any(), { description: "The values, flat or nested as the shape says" }),
});

/** The server. */
const InferenceServer = Type.Object(
  { name: Type.String(), version: Type.String(), extensions: Type.Array(Type.String()) },
  {
    $id: "InferenceServer",
    title: "InferenceServer",
    example: { name: "time-to-dispatch-serve", version: "0.1.0", extensions: [] },
  },
);

/** Whether it runs. */
const InferenceLive = Type.Object(
  { live: Type.Boolean() },
  { $id: "InferenceLive", title: "InferenceLive", example: { live: true } },
);

/** Whether it has a model to answer with. */
const InferenceReady = Type.Object(
  { ready: Type.Boolean() },
  { $id: "InferenceReady", title: "InferenceReady", example: { ready: true } },
);

/** The inputs and outputs of the model: tensors of one dimension, of any length. */
const InferenceModel = Type.Object(
  {
    name: Type.String(),
    versions: Type.Array(Type.String({ description: "MD5 of the model's canonical JSON" })),
    platform: Type.String(),
    inputs: Type.Array(TensorMetadata),
    outputs: Type.Array(TensorMetadata),
  },
  { $id: "InferenceModel", title: "InferenceModel" },
);

/** Whether the model is served. */
const InferenceModelReady = Type.Object(
  { name: Type.String(), ready: Type.Boolean() },
  {
    $id: "InferenceModelReady",
    title: "InferenceModelReady",
    example: { name: "time-to-dispatch", ready: true },
  },
);

/** A request of the Open Inference Protocol. */
const InferenceRequest = Type.Object(
  {
    id: Type.Optional(Type.String({ description: "The answer repeats it" })),
    inputs: Type.Array(Tensor, { description: "One for each feature, all of one length" }),
    outputs: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))),
  },
  { $id: "InferenceRequest", title: "InferenceRequest" },
);

/** Its response. */
const InferenceResponse = Type.Object(
  {
    model_name: Type.String(),
    model_version: Type.String(),
    id: Type.Optional(Type.String()),
    outputs: Type.Array(Tensor),
  },
  { $id: "InferenceResponse", title: "InferenceResponse" },
);

/** Every error under /v2: one sentence. */
const InferenceError = Type.Object(
  { error: Type.String() },
  {
    $id: "InferenceError",
    title: "InferenceError",
    example: { error: "inputs has no tensor named distance" },
  },
);

/** Triton's model repository extension, as far as it lists. */
const RepositoryIndexRequest = Type.Object(
  { ready: Type.Optional(Type.Boolean({ description: "Whether only models that are served are listed" })) },
  { $id: "RepositoryIndexRequest", title: "RepositoryIndexRequest", example: { ready: true } },
);
const RepositoryIndex = Type.Array(
  Type.Object({
    name: Type.String(),
    version: Type.Optional(Type.String({ description: "MD5 of the model's canonical JSON" })),
    state: Type.String({ enum: ["READY", "UNAVAILABLE"] }),
    reason: Type.String({ description: "Why it is not served" }),
  }),
  {
    $id: "RepositoryIndex",
    title: "RepositoryIndex",
    example: [
      { name: "time-to-dispatch", version: "3f2d9f0b7c1e4a5d8b6a9c0d1e2f3a4b", state: "READY", reason: "" },
    ],
  },
);

/** Every error of /invocations. */
const MlflowError = Type.Object(
  { error_code: Type.String({ enum: [...MLFLOW_ERROR_CODES] }), message: Type.String() },
  {
    $id: "MlflowError",
    title: "MlflowError",
    example: { error_code: "BAD_REQUEST", message: "instances.0.distance: field required" },
  },
);

const RECORDS = Type.Array(Type.Ref("Data"), { maxItems: MAX_ROWS });
const ROW = Type.Array(Type.Any());

/** The forms of a request to /invocations: MLflow's, and an array of inputs. */
const DataframeSplit = Type.Object(
  {
    dataframe_split: Type.Object({
      columns: Type.Array(Type.String()),
      index: Type.Optional(Type.Array(Type.Any(), { description: "A label for each row" })),
      data: Type.Array(ROW, { maxItems: MAX_ROWS, description: "Rows of values, in the order of columns" }),
    }),
  },
  { $id: "DataframeSplit", title: "DataframeSplit" },
);
const DataframeRecords = Type.Object(
  { dataframe_records: RECORDS },
  { $id: "DataframeRecords", title: "DataframeRecords" },
);
const Instances = Type.Object(
  { instances: Type.Array(Type.Union([Type.Ref("Data"), ROW]), { maxItems: MAX_ROWS }) },
  {
    $id: "Instances",
    title: "Instances",
    description: "Inputs by name, or arrays of values in the order of the signature",
  },
);
const Inputs = Type.Object(
  { inputs: Type.Union([RECORDS, Type.Object({}, { additionalProperties: ROW })]) },
  { $id: "Inputs", title: "Inputs", description: "Inputs by name, or an array for each column" },
);
const InputArray = Type.Array(Type.Ref("Data"), {
  maxItems: MAX_ROWS,
  $id: "InputArray",
  title: "InputArray",
});
const FORMS = [DataframeSplit, DataframeRecords, Instances, Inputs, InputArray];
const Invocations = Type.Union(
  FORMS.map(({ $id = "" }) => Type.Ref($id)),
  { $id: "Invocations", title: "Invocations" },
);

/** Requests, answers and errors of the Open Inference Protocol and of MLflow. */
export const PROTOCOL_SCHEMAS = [
  InferenceServer,
  InferenceLive,
  InferenceReady,
  InferenceModel,
  InferenceModelReady,
  InferenceRequest,
  InferenceResponse,
  InferenceError,
  RepositoryIndexRequest,
  RepositoryIndex,
  ...FORMS,
  Invocations,
  MlflowError,
];
