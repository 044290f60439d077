import { Type } from "@sinclair/typebox";

const Tensor = Type.Object({
  name: Type.String(),
  shape: Type.Array(Type.Integer()),
  datatype: Type.String(),
  data: Type.Array(Type.Any()),
});

/** A request of the Open Inference Protocol. */
export const InferenceRequest = Type.Object(
  { id: Type.Optional(Type.String()), inputs: Type.Array(Tensor) },
  { $id: "InferenceRequest", title: "InferenceRequest" },
);

/** Its response. */
export const InferenceResponse = Type.Object(
  {
    model_name: Type.String(),
    model_version: Type.String(),
    id: Type.Optional(Type.String()),
    outputs: Type.Array(Tensor),
  },
  { $id: "InferenceResponse", title: "InferenceResponse" },
);

/** What every error under /v2 is answered with: one sentence. */
export const InferenceError = Type.Object(
  { error: Type.String() },
  { $id: "InferenceError", title: "InferenceError" },
);
