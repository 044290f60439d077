// The built package as a program, with the options of the article's service.
import { serveModel } from "@ml-pipelines/model-server";
import { timeToDispatch } from "./time-to-dispatch.mjs";

await serveModel(timeToDispatch);
