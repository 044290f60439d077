import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ServiceDefinition } from "./options.js";

/** A file that browsers are given. */
interface PublicFile {
  readonly path: string;
  readonly type: string;
}

const here = (name: string): string => fileURLToPath(new URL(`../public/${name}`, import.meta.url));

/** Compressed by the build, from Swagger UI. */
const vendored = (name: string): string => here(`../dist/swagger-ui/${name}.gz`);

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

/** By address. */
export const PUBLIC_FILES: ReadonlyMap<string, PublicFile> = new Map([
  ["/", { path: here("index.html"), type: HTML }],
  ["/page/page.css", { path: here("page.css"), type: CSS }],
  ["/page/page.js", { path: here("page.js"), type: SCRIPT }],
  ["/page/api-key.js", { path: here("api-key.js"), type: SCRIPT }],
  ["/page/words.js", { path: here("words.js"), type: SCRIPT }],
  ["/page/plot.js", { path: here("plot.js"), type: SCRIPT }],
  ["/docs", { path: here("docs.html"), type: HTML }],
  ["/docs/docs.css", { path: here("docs.css"), type: CSS }],
  ["/docs/docs.js", { path: here("docs.js"), type: SCRIPT }],
  ["/docs/swagger-ui.css", { path: vendored("swagger-ui.css"), type: CSS }],
  ["/docs/swagger-ui-bundle.js", { path: vendored("swagger-ui-bundle.js"), type: SCRIPT }],
]);

/** The text of a file, or its compressed bytes. */
export interface FileContent {
  readonly bytes: Buffer;
  readonly isGzip: boolean;
}

/** Read one of them; none is kept in memory, as few people look and rarely. */
export async function readPublicFile(file: PublicFile, service: ServiceDefinition): Promise<FileContent> {
  const bytes = await readFile(file.path);
  if (file.type !== HTML) {
    return { bytes, isGzip: file.path.endsWith(".gz") };
  }
  const html = fillIn(bytes.toString(), {
    title: service.title,
    description: service.description,
    // Relative, so that it holds behind a proxy that adds a prefix.
    route: service.route.slice(1),
    prediction: service.prediction,
  });
  return { bytes: Buffer.from(html), isGzip: false };
}

/** Replace each `{{name}}` of a template by a value, as text of HTML. */
function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_placeholder, name: string) =>
    escapeHtml(values[name] ?? ""),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
