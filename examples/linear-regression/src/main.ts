import { ArtefactChangedError, PipelineUtilsError, S3AccessError } from "@ml-pipelines/pipeline-utils";
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
  const isOfSystem = error instanceof Error && "syscall" in error;
  if (!(error instanceof PipelineUtilsError || error instanceof RangeError || isOfSystem)) throw error;
  console.error(error.message);
  const isChanged = error instanceof ArtefactChangedError;
  process.exitCode = isOfSystem || isChanged || (error instanceof S3AccessError && error.retryable) ? 1 : 2;
}
