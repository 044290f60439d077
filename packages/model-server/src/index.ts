export { createModelServer } from "./create-model-server.js";
export type {
  ModelServerOptions,
  ModelServerSettings,
  PredictionHistogram,
  ServedModels,
} from "./options.js";
export { serveModel } from "./serve-model.js";
