import { Ajv } from "ajv";
import type { SchemaObject } from "ajv";
import type { LightMyRequestResponse } from "fastify";

interface Body {
  content?: Record<string, { schema: SchemaObject }>;
}

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: object[];
  requestBody?: Body;
  responses: Record<string, Body & { headers?: Record<string, object> }>;
}

/** The parts of `/openapi.json` that tests read. */
export interface OpenapiDocument {
  security?: object[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, SchemaObject & { example?: unknown }> };
}

export const parseDocument: (text: string) => OpenapiDocument = JSON.parse;

/** The status under which an answer is described: its own, or that of its class, `4XX`. */
export function describedStatus({ responses }: Operation, status: number): string {
  const ofClass = `${Math.floor(status / 100)}XX`;
  return !(status in responses) && ofClass in responses ? ofClass : String(status);
}

/** The first difference of an answer from its description; undefined if there is none. */
export function undescribed(
  operation: Operation,
  { components }: OpenapiDocument,
  { statusCode, headers, payload }: LightMyRequestResponse,
): string | undefined {
  const described = operation.responses[describedStatus(operation, statusCode)];
  if (!described) {
    return `${statusCode} is not described`;
  }
  const [type = ""] = String(headers["content-type"]).split(";");
  const schema = described.content?.[type]?.schema;
  if (!schema) {
    return `${statusCode} is ${type}, which is not described`;
  }
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const body: unknown = type === "application/json" ? JSON.parse(payload) : payload;
  if (ajv.validate(closed({ ...schema, components }), body)) {
    return undefined;
  }
  return `${statusCode} ${ajv.errorsText()}: ${payload.slice(0, 200)}`;
}

/** The same schema, whose objects have no properties but those that are described. */
function closed(schema: SchemaObject): SchemaObject {
  const close = (_key: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && "properties" in value
      ? { additionalProperties: false, ...value }
      : value;
  return parse(JSON.stringify(schema, close));
}

const parse: (json: string) => SchemaObject = JSON.parse;
