/** A model that was read and verified as a file, and that this service will not serve. */
export class ModelRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ModelRefusedError";
  }
}
