import { type Static, Type } from "@sinclair/typebox";

/** What one order is answered with. */
export const Prediction = Type.Object(
  {
    est_hours_to_dispatch: Type.Number({ title: "Est Hours To Dispatch" }),
    model_version: Type.String({ title: "Model Version" }),
  },
  { $id: "Prediction", title: "Prediction" },
);
export type Prediction = Static<typeof Prediction>;
