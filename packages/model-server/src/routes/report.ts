import type { FastifyInstance } from "fastify";
import { loadedModel } from "../model/served-model.js";
import type { ServedModel } from "../model/served-model.js";
import { sendDocument } from "./documents.js";
import { sendPageHeaders } from "./pages.js";
import { ERRORS } from "./responses.js";

/** The report has its style in itself, and may load nothing. */
const REPORT_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  // Its empty icon, in place of a request for /favicon.ico.
  "img-src data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * The card of the model that answers, at `/report`. It is rendered here, from the verified model: HTML in the bucket is never handed
 * out.
 */
export function report(app: FastifyInstance): void {
  // Rendering takes 13 ms, and 79 ms the first time: once for each model.
  const cards = new WeakMap<ServedModel, Promise<Buffer>>();
  const cardOf = (served: ServedModel): Promise<Buffer> => {
    let card = cards.get(served);
    if (card === undefined) {
      card = renderCard(served);
      cards.set(served, card);
      // A failure is answered with 500, and the next request tries again.
      card.catch(() => cards.delete(served));
    }
    return card;
  };
  app.get(
    "/report",
    {
      schema: {
        tags: ["model"],
        summary: "The card of the model that is served",
        description:
          "Its purpose, metrics, errors, curves, training data and lineage, as a page to read or to print.",
        operationId: "report",
        response: {
          200: {
            description: "HTML",
            content: { "text/html": { schema: { type: "string", example: "<!doctype html>" } } },
          },
          503: ERRORS[503],
        },
      },
    },
    async (request, reply) => {
      const bytes = await cardOf(loadedModel(request));
      sendPageHeaders(reply, REPORT_POLICY).type("text/html; charset=utf-8");
      return sendDocument(request, reply, { bytes, isGzip: false });
    },
  );
}

async function renderCard({ model, modelClass, address }: ServedModel): Promise<Buffer> {
  // Imported when first asked for, so that the service starts without it.
  const { renderModelCard } = await import("@ml-pipelines/pipeline-utils/report");
  return Buffer.from(renderModelCard(model, { modelClass, address }));
}
