/** There is no model to answer with yet. */
export class ModelNotLoadedError extends Error {
  constructor() {
    super("No model is loaded yet, try again later");
    this.name = "ModelNotLoadedError";
  }
}
