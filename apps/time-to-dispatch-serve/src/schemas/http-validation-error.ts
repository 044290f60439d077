import { type Static, Type } from "@sinclair/typebox";

export const ValidationError = Type.Object(
  {
    loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), { title: "Location" }),
    msg: Type.String({ title: "Message" }),
    type: Type.String({ title: "Error Type" }),
    ctx: Type.Optional(Type.Object({}, { title: "Context", additionalProperties: true })),
  },
  { $id: "ValidationError", title: "ValidationError" },
);

/** What a request that is wrong is answered with: every fault found. */
export const HTTPValidationError = Type.Object(
  { detail: Type.Array(Type.Ref("ValidationError"), { title: "Detail" }) },
  { $id: "HTTPValidationError", title: "HTTPValidationError" },
);
export type HTTPValidationError = Static<typeof HTTPValidationError>;
