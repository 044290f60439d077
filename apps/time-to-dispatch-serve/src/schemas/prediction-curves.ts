import { type Static, Type } from "@sinclair/typebox";

/** Hours against orders for each product: all that the tree knows, as steps. */
export const PredictionCurves = Type.Object(
  {
    orders_placed: Type.Array(Type.Number(), {
      description: "Where a step of some product begins; the first is 0",
    }),
    est_hours_to_dispatch: Type.Record(Type.String(), Type.Array(Type.Number()), {
      description: "For each product, the hours from the orders of the same index on, up to the next",
    }),
  },
  { $id: "PredictionCurves", title: "PredictionCurves" },
);
export type PredictionCurves = Static<typeof PredictionCurves>;
