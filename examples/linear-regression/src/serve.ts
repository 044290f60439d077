import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { configureLogger, getLatestModelFromS3 } from "@ml-pipelines/pipeline-utils";
import { lineModel } from "./line.js";

/** Serve the newest model of the bucket: GET /?orders_placed=10. */
export async function serve(bucket: string, port: number): Promise<Server> {
  const log = configureLogger({ module: "serve" });
  const model = await getLatestModelFromS3(lineModel, bucket, { folder: "models", filenamePrefix: "hours" });
  const { intercept, slope } = model.model;
  const server = createServer((request, response) => {
    const text = new URLSearchParams(request.url?.split("?")[1]).get("orders_placed") ?? "";
    const orders = text === "" ? NaN : Number(text);
    const isValid = orders >= 0 && orders < Infinity;
    const answer = isValid
      ? { est_hours_to_dispatch: intercept + slope * orders, model_version: String(model) }
      : { detail: `orders_placed is "${text}", expected a number that is not negative` };
    response.writeHead(isValid ? 200 : 422, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  log.info(`Serving ${String(model)}`);
  return server;
}
