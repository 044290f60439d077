import { cutText, element, escapeText } from "./plot/svg.js";
import { formatNumber } from "./plot/ticks.js";

/** Longer texts of a file are cut short. */
const MAX_TEXT_CHARACTERS = 300;

/** Colours of the pages of the service, in light, dark and print. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --quiet: #57606a; --line: #c7ced6;
  --accent: #0b57a4; --second: #c2571a; --good: #1a6b35; --bad: #a40e26; font: 16px/1.5 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --quiet: #9aa4af; --line: #3d444d;
  --accent: #79b8ff; --second: #f0a06a; --good: #7ee2a0; --bad: #ff8b8b; } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --quiet: #444; --line: #bbb; --accent: #0b57a4;
  --second: #b04a10; --good: #1a6b35; --bad: #a40e26; font-size: 11pt; } figure, tr, dl > div { break-inside: avoid; }
  h2, h3 { break-after: avoid; } main { max-width: none; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 0.75rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
p, li { overflow-wrap: anywhere; max-width: 44rem; }
.subtitle, figcaption, caption { color: var(--quiet); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 1.5rem 2rem; margin-top: 1.5rem; }
figure { margin: 0; max-width: 30rem; }
figcaption { font-size: 0.875rem; overflow-wrap: anywhere; }
figcaption strong { display: block; color: var(--ink); font-size: 1rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 12px; font-variant-numeric: tabular-nums; }
svg .title { fill: var(--quiet); }
svg .cell-value { font-size: 10.5px; }
.axis { stroke: var(--quiet); fill: none; }
.grid { stroke: var(--line); stroke-width: 0.5; fill: none; }
.reference { stroke: var(--quiet); stroke-dasharray: 4 3; fill: none; }
.curve { stroke: var(--accent); stroke-width: 2; fill: none; }
.band { fill: var(--accent); fill-opacity: 0.18; }
.points { stroke: var(--accent); stroke-width: 5; stroke-linecap: round; stroke-opacity: 0.4; fill: none; }
.bar, .cell, .dot { fill: var(--accent); }
.series-1 { fill: var(--second); }
.range { stroke: var(--accent); stroke-width: 2; fill: none; }
.inner-range { stroke: var(--accent); stroke-width: 9; stroke-opacity: 0.35; fill: none; }
.legend { display: flex; gap: 1.5rem; padding: 0; list-style: none; }
.legend li::before { content: ""; display: inline-block; width: 0.9em; height: 0.9em; margin-right: 0.4em;
  background: var(--accent); vertical-align: -0.1em; }
.legend li + li::before { background: var(--second); }
dl { margin: 0; }
dl > div { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: 0 1rem; padding: 0.2rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin-top: 1rem; }
th[scope="row"] { white-space: nowrap; }
.scroll:focus-visible { outline: 3px solid var(--accent); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 0.25rem; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 1rem 0.25rem 0; text-align: left; vertical-align: top; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
@media (max-width: 30rem) { dl > div { grid-template-columns: 1fr; } }
`
  .trim()
  .replaceAll(/\s*\n\s*/g, "\n");

/** A part of a page. */
export interface Section {
  readonly heading: string;
  /** Markup. A section without any is left out. */
  readonly body: readonly string[];
}

/** A page before it is rendered. */
export interface Page {
  readonly title: string;
  readonly subtitle: string;
  readonly sections: readonly Section[];
}

/** Render a page: one file without scripts, that loads nothing. */
export function renderPage({ title, subtitle, sections }: Page): string {
  const parts = sections
    .filter(({ body }) => body.some((markup) => markup !== ""))
    .map(({ heading, body }) => element("section", {}, element("h2", {}, text(heading)), ...body));
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    element("title", {}, text(title)),
    '<link rel="icon" href="data:,">',
    `<style>\n${STYLE}\n</style>`,
    "</head>",
    "<body>",
    "<main>",
    element("h1", {}, text(title)),
    element("p", { class: "subtitle" }, text(subtitle)),
    ...parts,
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** Text as markup, at most 300 characters of it. */
export function text(value: string): string {
  return escapeText(cutText(value, MAX_TEXT_CHARACTERS));
}

export function paragraph(value: string): string {
  return element("p", {}, text(value));
}

export function list(items: readonly string[]): string {
  return items.length === 0 ? "" : element("ul", {}, ...items.map((item) => element("li", {}, text(item))));
}

/** Names and values. Those without a value are left out. */
export function fields(values: Readonly<Record<string, string | undefined>>): string {
  const rows = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === ""
      ? []
      : [element("div", {}, element("dt", {}, text(name)), element("dd", {}, text(value)))],
  );
  return rows.length === 0 ? "" : element("dl", {}, ...rows);
}

/** A table whose first column names its rows. It scrolls where it is wider than the screen. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) {
    return "";
  }
  const row = ([first = "", ...cells]: readonly string[]): string =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, text(first)),
      ...cells.map((cell) => element("td", {}, text(cell))),
    );
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element(
      "table",
      {},
      element("caption", {}, text(caption)),
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, text(head)))),
      ),
      element("tbody", {}, ...rows.map(row)),
    ),
  );
}

/** A drawing with its caption. */
export function figure(title: string, svg: string, note = ""): string {
  const caption = element("figcaption", {}, element("strong", {}, text(title)), text(note));
  return element("figure", {}, caption, svg);
}

/** Drawings beside each other, where there is room. */
export function figures(drawn: readonly string[]): string {
  const shown = drawn.filter((each) => each !== "");
  return shown.length === 0 ? "" : element("div", { class: "figures" }, ...shown);
}

/**
 * The bins of `driftBins` as people read them: `up to 12`, `12 to 15`, `above 30`. Those of a number are named by their
 * upper edges, the last one `+Inf`; those of a category by its values.
 */
export function binsInWords(bins: readonly string[]): string[] {
  if (bins.at(-1) !== "+Inf") {
    return [...bins];
  }
  const edges = bins.slice(0, -1).map((edge) => formatNumber(Number(edge)));
  return bins.map((_, bin) => {
    const [above, upTo] = [edges[bin - 1], edges[bin]];
    if (above === undefined) {
      return upTo === undefined ? "all" : `up to ${upTo}`;
    }
    return upTo === undefined ? `above ${above}` : `${above} to ${upTo}`;
  });
}

/** `orders_placed` in pieces as `orders placed, pieces`. */
export function inWords({ name, unit }: { readonly name: string; readonly unit?: string }): string {
  return `${name.replaceAll("_", " ")}${unit === undefined ? "" : `, ${unit}`}`;
}
