// Copies the files of Swagger UI that /docs shows into dist/, with their licence.
// usage: node build/copy-swagger-ui.mjs
import { cpSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const target = path.join(import.meta.dirname, "../dist/swagger-ui");
// Use only the files of @fastify/swagger-ui. Its plugin loads modules that Node 20 cannot run.
const source = path.dirname(fileURLToPath(import.meta.resolve("@fastify/swagger-ui/package.json")));

mkdirSync(target, { recursive: true });
for (const file of ["static/swagger-ui.css", "static/swagger-ui-bundle.js", "LICENSE"]) {
  cpSync(path.join(source, file), path.join(target, path.basename(file)));
}
