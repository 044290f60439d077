import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";

const ValidationError = Type.Object(
  {
    loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), { title: "Location" }),
    msg: Type.String({ title: "Message" }),
    type: Type.String({ title: "Error Type" }),
    ctx: Type.Optional(Type.Object({}, { title: "Context", additionalProperties: true })),
  },
  { $id: "ValidationError", title: "ValidationError" },
);

/** The answer to a wrong request: every fault found. */
const HTTPValidationError = Type.Object(
  { detail: Type.Array(Type.Ref("ValidationError"), { title: "Detail" }) },
  {
    $id: "HTTPValidationError",
    title: "HTTPValidationError",
    example: {
      detail: [{ loc: ["body", "distance"], msg: "field required", type: "value_error.missing" }],
    },
  },
);

/** Every other error: one sentence. */
const ErrorDetail = Type.Object(
  { detail: Type.String({ title: "Detail" }) },
  {
    $id: "ErrorDetail",
    title: "ErrorDetail",
    example: { detail: "No model is loaded yet, try again later" },
  },
);

const refused_model = Type.Optional(
  Type.String({
    description: "s3://bucket/key of the newest model, or of the one that the alias names, if it was refused",
  }),
);

const build = Type.Object(
  { program: Type.String(), version: Type.String(), commit: Type.String() },
  { description: "The program that runs" },
);

/** The process runs. */
const Alive = Type.Object(
  { status: Type.String({ enum: ["ok"] }) },
  { $id: "Alive", title: "Alive", example: { status: "ok" } },
);

/** There is a model to answer with. Its address shows replicas that disagree. */
const Ready = Type.Object(
  {
    status: Type.String({ enum: ["ready"] }),
    model_hash: Type.String({ description: "MD5 of the model's canonical JSON" }),
    model_address: Type.String({ description: "s3://bucket/key of its file" }),
    alias: Type.Optional(
      Type.Object(
        {
          name: Type.String(),
          sequence: Type.Integer({ description: "Number of the move in the alias's log" }),
          model_key: Type.String(),
        },
        { description: "The move of the alias that is carried out, if the service follows one" },
      ),
    ),
    refused_model,
    build,
  },
  { $id: "Ready", title: "Ready" },
);

/** There is no model yet. */
const Waiting = Type.Object(
  {
    status: Type.String({ enum: ["waiting for a model"] }),
    looking_in: Type.String({
      description: "s3://bucket/folder of the models, or s3://bucket/key of the alias",
    }),
    refused_model,
    build,
  },
  {
    $id: "Waiting",
    title: "Waiting",
    example: {
      status: "waiting for a model",
      looking_in: "s3://my-bucket/models",
      build: { program: "hours-serve", version: "1.2.3", commit: "ed31131" },
    },
  },
);

export type Readiness = Static<typeof Ready> | Static<typeof Waiting>;

const text = { description: Type.Optional(Type.String()), unit: Type.Optional(Type.String()) };
const Column = Type.Object({
  name: Type.String(),
  type: Type.String({ enum: ["category", "number", "boolean"] }),
  categories: Type.Optional(Type.Array(Type.String())),
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
  integer: Type.Optional(Type.Boolean()),
  ...text,
});

/** The model that is served. Times are UTC. */
const ModelDescription = Type.Object(
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
      timestamp: Type.Optional(
        Type.String({ format: "date-time", description: "The time in the name of its file" }),
      ),
    }),
    pipeline_git_commit_hash: Type.String(),
    metrics: Type.Record(Type.String(), Type.Number(), { description: "On the test data, by training" }),
    exact_curves: Type.Boolean({
      description:
        "Whether the prediction holds from each step of the curves up to the next; else they are samples",
    }),
    explains: Type.Boolean({ description: "Whether predictions with explain=true are answered" }),
    features: Type.Array(Column, { description: "Its signature, in column order" }),
    target: Type.Optional(Column),
    typical: Type.Object(
      {},
      {
        additionalProperties: Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
        description:
          "An input by name: the median of each number in training, the most frequent of other values",
      },
    ),
  },
  { $id: "ModelDescription", title: "ModelDescription" },
);
export type ModelDescription = Static<typeof ModelDescription>;

/** The newest models in storage, and what became of each. */
const KnownModels = Type.Object(
  {
    models: Type.Array(
      Type.Object({
        address: Type.String({ description: "s3://bucket/key of its file" }),
        timestamp: Type.String({ format: "date-time", description: "The time in the name of its file" }),
        status: Type.Unsafe<"served" | "refused" | "newer" | "earlier">(
          Type.String({
            enum: ["served", "refused", "newer", "earlier"],
            description: "Newer and earlier are those that were not tried, beside the one that is served",
          }),
        ),
        reason: Type.Optional(Type.String({ description: "Why it was refused" })),
      }),
    ),
  },
  {
    $id: "KnownModels",
    title: "KnownModels",
    example: {
      models: [
        {
          address: "s3://my-bucket/models/time-to-dispatch_2021-07-20T14:44:13.558Z.json",
          timestamp: "2021-07-20T14:44:13.558Z",
          status: "served",
        },
      ],
    },
  },
);
export type KnownModels = Static<typeof KnownModels>;

/** The answers of every service, whatever its models. */
export const SERVICE_SCHEMAS = [
  Alive,
  Ready,
  Waiting,
  ModelDescription,
  KnownModels,
  ValidationError,
  HTTPValidationError,
  ErrorDetail,
];
