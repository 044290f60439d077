import { type Static, Type } from "@sinclair/typebox";

const refused_model = Type.Optional(
  Type.String({ description: "s3://bucket/key of the newest model, if it was refused" }),
);

/** The process runs. */
export const Alive = Type.Object({ status: Type.String({ enum: ["ok"] }) }, { $id: "Alive", title: "Alive" });

/** There is a model to answer with, and which: so that replicas that disagree show it. */
export const Ready = Type.Object(
  {
    status: Type.String({ enum: ["ready"] }),
    model_hash: Type.String({ description: "MD5 of the model's canonical JSON" }),
    model_address: Type.String({ description: "s3://bucket/key of its file" }),
    refused_model,
  },
  { $id: "Ready", title: "Ready" },
);

/** There is no model yet. */
export const Waiting = Type.Object(
  {
    status: Type.String({ enum: ["waiting for a model"] }),
    looking_in: Type.String({ description: "s3://bucket/folder" }),
    refused_model,
  },
  { $id: "Waiting", title: "Waiting" },
);

export type Readiness = Static<typeof Ready> | Static<typeof Waiting>;
