import { putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import { sampleModel } from "./sample-model.js";
import type { SampleOptions } from "./sample-model.js";
import { startServer, TestStorage } from "./test-storage.js";

export const BUCKET = "time-to-dispatch";

/** A server of its own with one bucket, whose folder `models` has the models that a test puts there. */
export class ModelStorage extends TestStorage {
  static override async start(): Promise<ModelStorage> {
    return new ModelStorage(await startServer([BUCKET]));
  }

  /** Put a sample model; the key of its file. */
  async putModel(options: SampleOptions = {}): Promise<string> {
    const { key } = await sampleModel(options).putModelToS3({
      bucket: BUCKET,
      folder: "models",
      client: this.client,
    });
    return key;
  }

  /** Put any text as a model's file; its key. */
  async putText(filename: string, text: string): Promise<string> {
    const { key } = await putObjectToS3(new TextEncoder().encode(text), {
      bucket: BUCKET,
      folder: "models",
      filename,
      client: this.client,
    });
    return key;
  }

  /** The text of a model's file. */
  read(key: string): Promise<string> {
    return this.readText(BUCKET, key);
  }
}
