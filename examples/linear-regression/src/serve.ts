import { serveModel } from "@ml-pipelines/model-server";
import { linearModel } from "./linear.js";

await serveModel({
  name: "hours",
  title: "Hours to dispatch",
  modelClasses: [linearModel],
  prediction: "est_hours_to_dispatch",
});
