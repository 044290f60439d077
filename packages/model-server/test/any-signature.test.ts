import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import type { ModelClass } from "@ml-pipelines/pipeline-utils/aws";
import { Ajv } from "ajv";
import { Counter, Registry } from "prom-client";
import {
  DELIVERY_FEATURES,
  HOURS,
  LATE,
  linear,
  logistic,
  putDeliveryModel,
} from "./support/delivery-model.js";
import type { Weights } from "./support/delivery-model.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const INPUT = { distance: 10, parcels: 2, size: "L", depot: "south", express: true };

describe("a service of models with five features of three types", () => {
  let service: TestApp;
  let registry = new Registry();
  beforeEach(async () => {
    registry = new Registry();
    service = await startTestApp({
      options: {
        name: "delivery",
        modelClasses: [linear, logistic],
        routes(app, models) {
          // A name that can be registered once: the documentation must not register routes anew.
          const asked = new Counter({ name: "hours_asked_total", help: "Asked", registers: [registry] });
          app.get("/hours-of-one", (request) => {
            asked.inc();
            return { hours: models.predict(request, INPUT), type: models.modelOf(request)?.modelType };
          });
        },
      },
    });
  });
  afterEach(() => service.stop());

  test("predicts numbers by the default names, singly and in batches", async () => {
    await putDeliveryModel(service.storage);
    expect(await service.refresh()).toBe("loaded");
    const { model_version, ...answer } = (await service.post("/predict", INPUT)).json<
      Record<string, unknown>
    >();
    expect(answer).toEqual({ prediction: 10 * 0.5 + 2 + 2 * 2 + 4 - 8 });
    expect(model_version).toMatch(/^name:delivery\|model_type:Linear\|/);
    const batch = await service.post("/predict/batch", [INPUT, { ...INPUT, express: false }]);
    expect(batch.json()).toMatchObject({ prediction: [7, 15] });
    expect((await service.get("/metrics")).payload).toMatch(/^model_prediction_value_count 3$/m);
  });

  test("predicts classes by name and counts them", async () => {
    await putDeliveryModel(service.storage, { target: LATE, bias: -7.5 });
    await service.refresh();
    expect((await service.post("/predict", INPUT)).json()).toMatchObject({ prediction: "in time" });
    const batch = await service.post("/predict/batch", [INPUT, { ...INPUT, express: false }]);
    expect(batch.json()).toMatchObject({ prediction: ["in time", "late"] });
    const metrics = (await service.get("/metrics")).payload;
    expect(metrics).toContain('model_predictions_total{class="in time"} 2\n');
    expect(metrics).toContain('model_predictions_total{class="late"} 1\n');
    expect(metrics).not.toContain("model_prediction_value_count");
  });

  test.each([
    [{ express: 1 }, "express", "value could not be parsed to a boolean", "type_error.bool"],
    [{ parcels: 1.5 }, "parcels", "value is not a valid integer", "type_error.integer"],
    [
      { parcels: 0 },
      "parcels",
      "ensure this value is greater than or equal to 1",
      "value_error.number.not_ge",
    ],
    [
      { parcels: 21 },
      "parcels",
      "ensure this value is less than or equal to 20",
      "value_error.number.not_le",
    ],
    [
      { depot: "west" },
      "depot",
      "value is not a valid enumeration member; permitted: 'north', 'south'",
      "type_error.enum",
    ],
    [{ distance: null }, "distance", "none is not an allowed value", "type_error.none.not_allowed"],
    [{ size: undefined }, "size", "field required", "value_error.missing"],
  ])("rejects %j by the signature", async (change, field, msg, type) => {
    await putDeliveryModel(service.storage);
    await service.refresh();
    const response = await service.post("/predict", { ...INPUT, ...change });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ detail: [{ loc: ["body", field], msg, type }] });
  });

  test("speaks the Open Inference Protocol with booleans, integers and classes", async () => {
    await putDeliveryModel(service.storage, { target: LATE });
    await service.refresh();
    const metadata = (await service.get("/v2/models/delivery")).json<{ inputs: { datatype: string }[] }>();
    expect(metadata.inputs.map(({ datatype }) => datatype)).toEqual([
      "FP64",
      "INT64",
      "BYTES",
      "BYTES",
      "BOOL",
    ]);
    expect(metadata).toMatchObject({ outputs: [{ name: "prediction", datatype: "BYTES" }] });
    const document = (await service.get("/openapi.json")).json<{
      components: { schemas: { InferenceRequest: { example: object }; Data: object } };
    }>();
    const answer = await service.post(
      "/v2/models/delivery/infer",
      document.components.schemas.InferenceRequest.example,
    );
    expect(answer.json()).toMatchObject({ outputs: [{ datatype: "BYTES", data: ["late"] }] });
    const tensor = { name: "express", shape: [1], datatype: "FP64", data: [1] };
    const others = ["distance", "parcels", "size", "depot"].map((name) => {
      const isText = name === "size" || name === "depot";
      return { name, shape: [1], datatype: isText ? "BYTES" : "FP64", data: [isText ? "S" : 1] };
    });
    const wrong = await service.post("/v2/models/delivery/infer", { inputs: [...others, tensor] });
    expect([wrong.statusCode, wrong.json()]).toEqual([
      400,
      { error: "datatype of express is FP64, expected BOOL" },
    ]);
  });

  test("describes inputs and predictions by the model, with an example that it accepts", async () => {
    await putDeliveryModel(service.storage, { target: LATE });
    await service.refresh();
    const { paths, components } = (await service.get("/openapi.json")).json<{
      paths: Record<string, unknown>;
      components: { schemas: Record<string, Record<string, unknown>> };
    }>();
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(["/predict", "/predict/batch", "/model", "/hours-of-one"]),
    );
    expect(components.schemas.Data).toMatchObject({
      required: ["distance", "parcels", "size", "depot", "express"],
      properties: {
        distance: { type: "number", minimum: 0, description: "By road, in km" },
        parcels: { type: "integer", minimum: 1, maximum: 20 },
        express: { type: "boolean" },
      },
    });
    expect(components.schemas.Prediction).toMatchObject({
      properties: { prediction: { enum: ["in time", "late"] } },
    });
    const example = components.schemas.Data?.example;
    const response = await service.post("/predict", example ?? {});
    expect(response.statusCode).toBe(200);
    const { prediction, model_version } = components.schemas.Prediction?.properties as Record<string, object>;
    const schema = { type: "object", properties: { prediction, model_version }, additionalProperties: false };
    expect(new Ajv({ strict: false }).validate(schema, response.json())).toBe(true);
  });

  test("returns curves of each number feature, by the values of the smallest category", async () => {
    const train = {
      columns: [
        Float64Array.of(10, 20, 90),
        Float64Array.of(2, 4, 4),
        Float64Array.of(2, 2, 0),
        Float64Array.of(0, 1, 1),
        Float64Array.of(1, 1, 0),
      ],
      target: Float64Array.of(1, 2, 3),
    };
    const profile = profileModel({ features: DELIVERY_FEATURES, target: HOURS, train, predictions: [1, 2] });
    await putDeliveryModel(service.storage, { profile });
    await service.refresh();
    const byDistance = (await service.get("/model/curves")).json<{
      distance: number[];
      prediction: Record<string, number[]>;
    }>();
    expect(byDistance.distance).toHaveLength(200);
    expect([byDistance.distance[0], byDistance.distance.at(-1)]).toEqual([10, 90]);
    // Depot and express both have two values; the first of them gives the lines. 4 parcels, size L and express are typical.
    expect(Object.keys(byDistance.prediction)).toEqual(["north", "south"]);
    expect(byDistance.prediction.south?.[0]).toBe(10 * 0.5 + 4 + 2 * 2 + 4 - 8);
    const byParcels = (await service.get("/model/curves?feature=parcels")).json<{ parcels: number[] }>();
    expect(byParcels.parcels).toEqual([2, 3, 4]);
    const unknown = await service.get("/model/curves?feature=size");
    expect([unknown.statusCode, unknown.json()]).toEqual([
      404,
      { detail: 'the model has no number feature named "size", only distance, parcels' },
    ]);
  });

  test("predicts on further routes as on its own", async () => {
    expect((await service.get("/hours-of-one")).statusCode).toBe(503);
    await putDeliveryModel(service.storage);
    await service.refresh();
    expect((await service.get("/hours-of-one")).json()).toEqual({ hours: 7, type: "Linear" });
    expect((await service.get("/metrics")).payload).toMatch(/^model_prediction_value_count 1$/m);
  });

  test("names the model, its target and its features", async () => {
    await putDeliveryModel(service.storage);
    await service.refresh();
    expect((await service.get("/model")).json()).toMatchObject({
      target: { name: "hours", type: "number", unit: "hours" },
      features: DELIVERY_FEATURES,
    });
    expect((await service.get("/")).payload).toContain("<h1>Delivery</h1>");
  });

  test("rejects a model whose predictions are not finite over the range of its features", async () => {
    await putDeliveryModel(service.storage, { weights: [1e300, 1, 1, 1, 1] });
    expect(await service.refresh()).toBe("refused");
    expect(service.lines.join("\n")).toMatch(
      /the prediction for distance 1e\+\d+|the prediction for distance 3\.4\d*e\+38, .* is Infinity, expected a finite number/,
    );
  });

  test.each<[string, unknown, string]>([
    ["a text", "constructor", "a string, expected the index of one of 2 classes"],
    ["half a class", 0.5, "0.5, expected the index of one of 2 classes"],
    ["a class beyond the last", 2, "2, expected the index of one of 2 classes"],
    ["nothing", undefined, "a undefined, expected the index of one of 2 classes"],
  ])("rejects a model that predicts %s for a class", async (_name, value, reason) => {
    const wrong: ModelClass<Weights> = { ...logistic, predict: () => value as number };
    const options = { name: "delivery", modelClasses: [wrong] };
    const other = await startTestApp({ storage: service.storage, options });
    await putDeliveryModel(service.storage, { target: LATE });
    expect(await other.refresh()).toBe("refused");
    expect(other.lines.join()).toContain(reason);
    await other.stop();
  });

  test("describes curves within OpenAPI 3.0", async () => {
    await putDeliveryModel(service.storage);
    await service.refresh();
    expect((await service.get("/openapi.json")).payload).not.toContain("patternProperties");
  });

  test("rejects a request of more tensors than a model may have features", async () => {
    await putDeliveryModel(service.storage);
    await service.refresh();
    const inputs = Array.from({ length: 100_000 }, () => ({}));
    const response = await service.post("/v2/models/delivery/infer", { inputs });
    expect([response.statusCode, response.json()]).toEqual([
      400,
      { error: "inputs has 100000 tensors, expected at most 1000" },
    ]);
  });
});
