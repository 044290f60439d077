import { type Static, Type } from "@sinclair/typebox";

/** What a batch of orders is answered with: hours in the order of the orders. */
export const BatchPrediction = Type.Object(
  {
    est_hours_to_dispatch: Type.Array(Type.Number(), { title: "Est Hours To Dispatch" }),
    model_version: Type.String({ title: "Model Version" }),
  },
  { $id: "BatchPrediction", title: "BatchPrediction" },
);
export type BatchPrediction = Static<typeof BatchPrediction>;
