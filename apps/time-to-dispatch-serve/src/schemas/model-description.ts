import { type Static, Type } from "@sinclair/typebox";

const Feature = Type.Object({
  name: Type.String(),
  type: Type.String({ enum: ["category", "number"] }),
  categories: Type.Optional(Type.Array(Type.String())),
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
});

/** What is known of the model that is served. Times are UTC. */
export const ModelDescription = Type.Object(
  {
    name: Type.String(),
    model_type: Type.String(),
    model_version: Type.String({ description: "The one line that every prediction carries" }),
    model_timestamp: Type.String({ format: "date-time", description: "When it was made" }),
    model_hash: Type.String({ description: "MD5 of the model's canonical JSON" }),
    model_address: Type.String({ description: "s3://bucket/key of its file" }),
    loaded_at: Type.String({ format: "date-time", description: "When this process loaded it" }),
    train_dataset: Type.Object({
      bucket: Type.String(),
      key: Type.String(),
      hash: Type.String({ description: "Its ETag" }),
      version_id: Type.Optional(Type.String()),
    }),
    pipeline_git_commit_hash: Type.String(),
    metrics: Type.Record(Type.String(), Type.Number(), { description: "On the test data, by training" }),
    features: Type.Array(Feature, { description: "Its signature, in column order" }),
  },
  { $id: "ModelDescription", title: "ModelDescription" },
);
export type ModelDescription = Static<typeof ModelDescription>;
