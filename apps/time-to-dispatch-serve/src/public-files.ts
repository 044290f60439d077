import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A file that browsers are given. */
export interface PublicFile {
  path: string;
  type: string;
}

const here = (name: string): string => fileURLToPath(new URL(`../public/${name}`, import.meta.url));

/** Copied from Swagger UI by the build. */
const vendored = (name: string): string => here(`../dist/swagger-ui/${name}`);

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

/** By address. */
export const PUBLIC_FILES: ReadonlyMap<string, PublicFile> = new Map([
  ["/", { path: here("index.html"), type: HTML }],
  ["/page/page.css", { path: here("page.css"), type: CSS }],
  ["/page/page.js", { path: here("page.js"), type: SCRIPT }],
  ["/page/plot.js", { path: here("plot.js"), type: SCRIPT }],
  ["/docs", { path: here("docs.html"), type: HTML }],
  ["/docs/docs.js", { path: here("docs.js"), type: SCRIPT }],
  ["/docs/swagger-ui.css", { path: vendored("swagger-ui.css"), type: CSS }],
  ["/docs/swagger-ui-bundle.js", { path: vendored("swagger-ui-bundle.js"), type: SCRIPT }],
]);

/** Read one of them; nothing is kept in memory, as few people look and rarely. */
export async function readPublicFile(file: PublicFile): Promise<Buffer> {
  return readFile(file.path);
}
