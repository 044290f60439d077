import { PipelineUtilsError } from "@ml-pipelines/pipeline-utils";
import { serve } from "./serve.js";
import { train } from "./train.js";

const [stage, bucket = "", port = "8000"] = process.argv.slice(2);
try {
  if (stage === "train" && bucket !== "") await train(bucket);
  else if (stage === "serve" && bucket !== "" && /^\d{1,5}$/.test(port)) await serve(bucket, Number(port));
  else {
    console.error("usage: npm run train -- S3_BUCKET\n       npm run serve -- S3_BUCKET [PORT]");
    process.exitCode = 2;
  }
} catch (error) {
  // What is wrong with settings, data, storage or the port is told in a line; a mistake in this code keeps its stack.
  const isToldInALine = error instanceof PipelineUtilsError || error instanceof RangeError;
  if (!isToldInALine && !(error instanceof Error && "syscall" in error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
