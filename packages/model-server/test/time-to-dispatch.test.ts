import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readRecordings } from "./support/fastapi-bodies.js";
import type { Recorded } from "./support/fastapi-bodies.js";
import { sampleHours, sampleModel } from "@ml-pipelines/test-support/sample-model";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const URL = "/api/v0.1/time_to_dispatch";
const { single } = readRecordings();
// The original coerces these; here they are refused.
const COERCED = ["orders digits in text", "orders true"];
// The original makes an object of these, or tries to.
const PAIRS = ["body array of orders"];
const isNoJson = ({ body }: Recorded): boolean => JSON.stringify(body).includes("value_error.jsondecode");

describe("POST /api/v0.1/time_to_dispatch", () => {
  let service: TestApp;
  const post = async (payload: string | object, headers: Record<string, string> = {}) =>
    service.app.inject({
      method: "POST",
      url: URL,
      payload,
      headers: { "content-type": "application/json", ...headers },
    });

  beforeAll(async () => {
    service = await startTestApp();
    await service.storage.putModel();
    await service.refresh();
  });
  afterAll(() => service.stop());

  test.each([
    ["SKU001", 10, 0],
    ["SKU003", 49.999, 2],
    ["SKU005", 50, 4],
    ["SKU005", 1e38, 4],
  ])("predicts %s, %d orders as the tree does", async (product, orders, index) => {
    const response = await post({ product_code: product, orders_placed: orders });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      est_hours_to_dispatch: sampleHours(index, orders),
      model_version: String(sampleModel()),
    });
  });

  test("names the model's dataset and its hash", async () => {
    const { model_version } = (await post({ product_code: "SKU001", orders_placed: 1 })).json<{
      model_version: string;
    }>();
    expect(model_version).toMatch(
      /^name:time-to-dispatch\|model_type:DTRegression\|model_timestamp:2021-07-20T14:44:13\.558Z\|model_hash:[0-9a-f]{32}\|train_dataset_key:datasets\/time_to_dispatch_2021-07-01T16\|45\|38\.csv\|train_dataset_hash:759eccda4ceb7a07cda66ad4ef7cdfbc\|pipeline_git_commit_hash:NA$/,
    );
  });

  const sameAsOriginal = Object.entries(single).filter(
    ([name, recorded]) => ![...COERCED, ...PAIRS].includes(name) && !isNoJson(recorded),
  );
  test.each(sameAsOriginal)("answers as the original: %s", async (_name, { request, status, body }) => {
    const response = await post(request);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toEqual(body);
  });

  test.each(Object.entries(single).filter(([, recorded]) => isNoJson(recorded)))(
    "names the fault of a body that is not JSON in the original's form: %s",
    async (_name, { request, status }) => {
      const response = await post(request);
      expect(response.statusCode).toBe(status);
      expect(response.json()).toEqual({
        detail: [
          {
            loc: expect.anything(),
            msg: expect.stringMatching(/^the body is not JSON: ./),
            type: "value_error.jsondecode",
          },
        ],
      });
      const [{ loc }] = response.json<{ detail: [{ loc: unknown[] }] }>().detail;
      expect(loc[0]).toBe("body");
      expect(loc.slice(1).every((position) => Number.isInteger(position))).toBe(true);
    },
  );

  test.each(PAIRS)("rejects an array in place of an object: %s", async (name) => {
    const response = await post(single[name]!.request);
    expect([response.statusCode, response.json()]).toEqual([
      422,
      { detail: [{ loc: ["body"], msg: "value is not a valid dict", type: "type_error.dict" }] },
    ]);
  });

  test.each(COERCED)("rejects values that would need coercion: %s", async (name) => {
    const response = await post(single[name]!.request);
    expect(response.statusCode).toBe(422);
    expect(response.json()).toEqual({
      detail: [
        { loc: ["body", "orders_placed"], msg: "value is not a valid float", type: "type_error.float" },
      ],
    });
  });

  test("rejects 1e39, on which the original fails", async () => {
    const response = await post('{"product_code": "SKU001", "orders_placed": 1e39}');
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ detail: [{ type: "value_error.number.not_le" }] });
  });

  test("reads a body without content type, with a byte order mark, or of a +json type", async () => {
    const body = '{"product_code": "SKU001", "orders_placed": 1}';
    const inject = async (payload: string, headers: Record<string, string>) =>
      (await service.app.inject({ method: "POST", url: URL, payload, headers })).statusCode;
    expect(await inject(body, {})).toBe(200);
    expect(await inject(`\ufeff${body}`, { "content-type": "application/json; charset=utf-8" })).toBe(200);
    expect(await inject(body, { "content-type": "application/vnd.order+json" })).toBe(200);
  });

  test.each(["application/x-www-form-urlencoded", "text/json", "json", ""])(
    'rejects the content type "%s"',
    async (type) => {
      const response = await post("product_code=SKU001", { "content-type": type });
      expect(response.statusCode).toBe(415);
      expect(response.json()).toEqual({ detail: `Content type is "${type}", expected application/json` });
    },
  );

  test("rejects bytes that are not UTF-8", async () => {
    const payload = Buffer.from('{"product_code": "SKU\xff"}', "latin1");
    const response = await service.app.inject({
      method: "POST",
      url: URL,
      payload,
      headers: { "content-type": "application/json" },
    });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ detail: "There was an error parsing the body: it is not UTF-8" });
  });

  test("rejects a large body and states the limit", async () => {
    const response = await post({ product_code: "SKU001", orders_placed: 1, note: "x".repeat(1_000_000) });
    expect(response.statusCode).toBe(413);
    expect(response.json()).toEqual({ detail: "The request's body is too large: the limit is 16384 bytes" });
  });

  test("answers unknown addresses and methods as the original", async () => {
    const missing = await service.app.inject("/nowhere");
    expect([missing.statusCode, missing.json()]).toEqual([404, { detail: "Not Found" }]);
    const wrong = await service.app.inject({ method: "GET", url: `${URL}?a=b` });
    expect([wrong.statusCode, wrong.json()]).toEqual([405, { detail: "Method Not Allowed" }]);
    expect(wrong.headers.allow).toBe("POST");
    const undecodable = await service.app.inject("/%zz");
    expect([undecodable.statusCode, undecodable.json()]).toEqual([404, { detail: "Not Found" }]);
  });

  test.each([
    ["POST", `${URL}/`, "../time_to_dispatch"],
    ["GET", "/docs/?a=/b/", "../docs?a=/b/"],
    ["GET", "/v2/", "../v2"],
  ] as const)(
    "redirects %s %s to the address without the slash, as the original",
    async (method, url, location) => {
      const response = await service.app.inject({ method, url });
      expect([response.statusCode, response.headers.location, response.payload]).toEqual([307, location, ""]);
    },
  );

  test.each(["//", "/nowhere/", "//docs/", `${URL}//`])(
    "returns 404 without a redirect for %s",
    async (url) => {
      expect((await service.app.inject(url)).statusCode).toBe(404);
    },
  );

  test("returns the client's or its own request id, and the model's hash", async () => {
    const order = { product_code: "SKU001", orders_placed: 1 };
    const own = await post(order);
    expect(own.headers["x-request-id"]).toMatch(/^[0-9a-f]{12}-\d+$/);
    expect(own.headers["x-model-hash"]).toBe(sampleModel().modelHash);
    expect((await post(order, { "x-request-id": "abc/1" })).headers["x-request-id"]).toBe("abc/1");
    const forged = await post(order, { "x-request-id": 'a" 200 forged' });
    expect(forged.headers["x-request-id"]).toMatch(/^[0-9a-f]{12}-\d+$/);
  });

  test("writes one line for a request, with its id and without its body", async () => {
    service.lines.length = 0;
    await post({ product_code: "SKU001", orders_placed: 31337 }, { "x-request-id": "line-1" });
    expect(service.lines).toEqual([
      expect.stringMatching(
        /^INFO 127\.0\.0\.1 "POST \/api\/v0\.1\/time_to_dispatch" 200 \d+\.\d ms line-1$/,
      ),
    ]);
  });
});
