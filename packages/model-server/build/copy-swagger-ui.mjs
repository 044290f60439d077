// Writes the files of Swagger UI that /docs shows into dist/, compressed, with their licence.
// usage: node build/copy-swagger-ui.mjs
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

const target = path.join(import.meta.dirname, "../dist/swagger-ui");
// Use only the files of @fastify/swagger-ui. Its plugin loads modules that Node 20 cannot run.
const source = path.dirname(fileURLToPath(import.meta.resolve("@fastify/swagger-ui/package.json")));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
cpSync(path.join(source, "LICENSE"), path.join(target, "LICENSE"));
for (const name of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
  const plain = readFileSync(path.join(source, "static", name));
  writeFileSync(path.join(target, `${name}.gz`), gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }));
}
