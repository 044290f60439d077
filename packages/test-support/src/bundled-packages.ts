import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** The name and version of a package, as pnpm's folders and the comments in a bundle have them. */
const PACKAGE = /\/\.pnpm\/@?[^/@]+@([^/_(]+)[^/]*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g;

/** The packages that a text names, one for each time that it does. */
export function packagesIn(text: string): { name: string; version: string }[] {
  return [...text.matchAll(PACKAGE)].map(([, version = "", name = ""]) => ({ name, version }));
}

/** All modules of a bundled app. */
export async function modulesOf(dist: string): Promise<string> {
  const names = (await readdir(dist)).filter((name) => name.endsWith(".js"));
  return (await Promise.all(names.map((name) => readFile(path.join(dist, name), "utf8")))).join("\n");
}
