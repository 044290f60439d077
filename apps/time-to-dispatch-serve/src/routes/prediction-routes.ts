import type { FastifyInstance } from "fastify";
import type { Forecaster } from "../model/forecaster.js";
import { batch } from "./batch.js";
import { invocations } from "./invocations.js";
import { model } from "./model.js";
import { openInference } from "./open-inference.js";
import { timeToDispatch } from "./time-to-dispatch.js";

/** All that needs a model. */
export function predictionRoutes(
  app: FastifyInstance,
  { forecaster, version }: { forecaster: Forecaster; version: string },
): void {
  timeToDispatch(app, { forecaster });
  batch(app, { forecaster });
  model(app);
  invocations(app, { forecaster });
  openInference(app, { forecaster, version });
}
