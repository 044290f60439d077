#!/usr/bin/env node
import { serveModel } from "@ml-pipelines/model-server";
import { timeToDispatch } from "./service.js";

await serveModel(timeToDispatch);
