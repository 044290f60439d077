// The same endpoint with node:http alone: parse, look the product up, predict, answer. No checks beyond these, no metrics.
// usage: node bare-server.mjs S3_BUCKET PORT
import { createServer } from "node:http";
import { getLatestModelFromS3 } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";

const [bucket = "", port = ""] = process.argv.slice(2);
const model = await getLatestModelFromS3(dtRegression, bucket, { folder: "models" });
const version = String(model);
const products = model.features.flatMap((feature) => (feature.type === "category" ? feature.categories : []));

createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const { product_code, orders_placed } = JSON.parse(Buffer.concat(chunks).toString());
    const product = products.indexOf(product_code);
    if (request.method !== "POST" || product < 0 || !(orders_placed >= 0)) {
      response.writeHead(422).end();
      return;
    }
    const hours = model.model.root.classify([product, Math.fround(orders_placed)]);
    const body = JSON.stringify({ est_hours_to_dispatch: hours, model_version: version });
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  });
}).listen(Number(port), "127.0.0.1");
