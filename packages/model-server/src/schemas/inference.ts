import { Type } from "@sinclair/typebox";

const TensorMetadata = Type.Object({
  name: Type.String(),
  datatype: Type.String(),
  shape: Type.Array(Type.Integer()),
});
const Tensor = Type.Object({ ...TensorMetadata.properties, data: Type.Array(Type.Any()) });

/** The server. */
const InferenceServer = Type.Object(
  { name: Type.String(), version: Type.String(), extensions: Type.Array(Type.String()) },
  { $id: "InferenceServer", title: "InferenceServer" },
);

/** Whether it runs. */
const InferenceLive = Type.Object({ live: Type.Boolean() }, { $id: "InferenceLive", title: "InferenceLive" });

/** Whether it has a model to answer with. */
const InferenceReady = Type.Object(
  { ready: Type.Boolean() },
  { $id: "InferenceReady", title: "InferenceReady" },
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
  { $id: "InferenceModelReady", title: "InferenceModelReady" },
);

/** A request of the Open Inference Protocol. */
const InferenceRequest = Type.Object(
  { id: Type.Optional(Type.String()), inputs: Type.Array(Tensor) },
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
  { $id: "InferenceError", title: "InferenceError" },
);

/** The answers of the Open Inference Protocol. */
export const INFERENCE_SCHEMAS = [
  InferenceServer,
  InferenceLive,
  InferenceReady,
  InferenceModel,
  InferenceModelReady,
  InferenceRequest,
  InferenceResponse,
  InferenceError,
];
