import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A block of TypeScript in a page, or under `@example` in a source. */
export interface Example {
  /** The page or the source, relative to the root. */
  readonly page: string;
  /** Number of the first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** Whether it is a whole program: it begins with its imports. Any other is a fragment. */
  readonly complete: boolean;
  /** The output that the page shows: the block without a language that follows, alone or after "prints". */
  readonly output: string | undefined;
}

const BLOCK = /^```ts\n(?<code>.*?)^```\n(?:\n(?:prints\n\n)?```\n(?<output>.*?)^```\n)?/gms;

/** The examples of one page, or of one source's comments. */
function examplesOf(root: string, page: string): Example[] {
  const read = readFileSync(path.join(root, page), "utf8");
  const text = page.endsWith(".ts") ? read.replaceAll(/^ *\* ?/gm, "") : read;
  return Array.from(text.matchAll(BLOCK), ({ index, groups }) => {
    const code = groups?.code ?? "";
    return {
      page,
      line: text.slice(0, index).split("\n").length + 1,
      code,
      complete: code.startsWith("import "),
      output: groups?.output,
    };
  });
}

/** The examples of the pages of all packages (README.md, docs/*.md), of docs/*.md and of the packages' reference. */
export function documentedExamples(root: string): Example[] {
  const packages = readdirSync(path.join(root, "packages")).map((name) => path.join("packages", name));
  const pages = ["docs", ...packages, ...packages.map((folder) => path.join(folder, "docs"))]
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)))
    .filter((file) => file.endsWith(".md") && path.basename(file) !== "CHANGELOG.md");
  const sources = packages
    .map((folder) => path.join(folder, "src"))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { encoding: "utf8", recursive: true }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter((file) => file.endsWith(".ts"));
  return [...pages, ...sources].flatMap((page) => examplesOf(root, page));
}
