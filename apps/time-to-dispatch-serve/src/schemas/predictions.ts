import { Type } from "@sinclair/typebox";

/** What MLflow's clients expect: one prediction a row. */
export const Predictions = Type.Object(
  { predictions: Type.Array(Type.Number()) },
  { $id: "Predictions", title: "Predictions" },
);
