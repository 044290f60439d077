/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export class StatusError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = "StatusError";
  }

  toJSON(): object {
    const { code, reason, message } = this;
    return { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message };
  }
}
