import { cp, readFile } from "node:fs/promises";
import path from "node:path";

/**
 * Copy what `COPY . .` would copy: what .dockerignore leaves of a folder.
 *
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export async function copyBuildContext(from: string, to: string): Promise<void> {
  const ignored = parseDockerIgnore(await readFile(path.join(from, ".dockerignore"), "utf8"));
  await cp(from, to, {
    recursive: true,
    filter: (source) => !ignored(path.relative(from, source)),
  });
}

/** The last line that matches a path, or a folder above it, decides. */
export function parseDockerIgnore(text: string): (file: string) => boolean {
  const rules = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({
      keeps: line.startsWith("!"),
      pattern: toRegExp(line.replace(/^!/, "").replace(/\/$/, "")),
    }));
  return (file) => file !== "" && rules.findLast(({ pattern }) => pattern.test(file))?.keeps === false;
}

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**/", "\0")
    .replaceAll("*", "[^/]*")
    .replaceAll("\0", "(?:.*/)?");
  return new RegExp(`^${source}(?:/.*)?$`);
}
