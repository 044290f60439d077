import { Type } from "@sinclair/typebox";

/** What every other error is answered with: one sentence. */
export const ErrorDetail = Type.Object(
  { detail: Type.String({ title: "Detail" }) },
  { $id: "ErrorDetail", title: "ErrorDetail" },
);
