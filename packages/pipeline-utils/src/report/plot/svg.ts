const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML and XML have it, also in an attribute. Control characters, which XML forbids, become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replaceAll(/(?![\n\t])\p{Cc}/gu, "\uFFFD");
}

/** Attributes by name. Numbers are written with two decimals; those without a value are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element of HTML or SVG. The children are markup, made by this function or by {@link escapeText}. */
export function element(tag: string, attributes: Attributes, ...children: readonly string[]): string {
  const shown = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [` ${name}="${typeof value === "number" ? coordinate(value) : escapeText(value)}"`],
  );
  return `<${tag}${shown.join("")}>${children.join("")}</${tag}>`;
}

/** A length on a drawing: two decimals are less than any screen shows. */
export function coordinate(value: number): string {
  // A range beyond the numbers that can be subtracted has no place on a drawing.
  return Number.isFinite(value) ? String(Math.round(value * 100) / 100) : "0";
}

/** As much of a text as fits, with an ellipsis if that is not all of it. */
export function cutText(text: string, maxCharacters: number): string {
  const characters = Array.from(text.slice(0, 2 * maxCharacters + 2));
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join("")}…`;
}
