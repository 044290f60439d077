/** Words of PromQL that stand where a name of a metric can stand. */
const KEYWORDS = new Set(["and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"]);
/** A list of labels behind one of its words, as in `sum by (namespace)`. */
const LABEL_LISTS = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g;
/** Matchers of labels, ranges, texts, and numbers with their units. */
const NO_NAMES = /\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b\d[\w.]*/g;

/** The metrics that an expression of PromQL reads, each once. */
export function metricNames(expression: string): string[] {
  const rest = expression.replaceAll(LABEL_LISTS, " ").replaceAll(NO_NAMES, " ");
  // A name before a parenthesis is a function.
  const names = rest.match(/\b[a-z_:][\w:]*\b(?!\s*\()/gi) ?? [];
  return [...new Set(names)].filter((name) => !KEYWORDS.has(name));
}
