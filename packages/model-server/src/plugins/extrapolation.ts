import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Features with a value that the model was not trained for, in any row of the request. */
    extrapolated: Set<string> | undefined;
  }
}

/** A header must stay short, whatever the model's features are called. Many clients take 8 kB of headers in all. */
const MAX_NAMES = 10;
const MAX_CHARACTERS = 1_000;

/** Tells in `x-model-extrapolates` which inputs of an answered request have values that the model was not trained for. */
export function extrapolation(app: FastifyInstance): void {
  app.decorateRequest("extrapolated", undefined);
  app.addHook("onSend", (request, reply, payload, next) => {
    const { extrapolated } = request;
    if (extrapolated !== undefined && reply.statusCode < 400) {
      reply.header("x-model-extrapolates", namesInHeader([...extrapolated]));
    }
    next(null, payload);
  });
}

function namesInHeader(names: readonly string[]): string {
  const shown: string[] = [];
  let characters = 0;
  for (const name of names.slice(0, MAX_NAMES)) {
    // Half of a surrogate pair, which JSON can hold, has no encoding.
    const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\uFFFD"));
    characters += encoded.length;
    if (characters > MAX_CHARACTERS) {
      break;
    }
    shown.push(encoded);
  }
  return [...shown, ...(shown.length < names.length ? ["..."] : [])].join(", ");
}
