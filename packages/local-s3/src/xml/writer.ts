/** Escaped XML. The type prevents that text is escaped twice. */
export interface Xml {
  readonly xml: string;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Control characters become character references, as in S3: a parser rejects or normalises raw ones. */
function escapeText(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- control characters are what is escaped here
    /[<>&"'\u0000-\u001f\u007f\ufffe\uffff]/g,
    (character) => NAMED_ESCAPES[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

/** One element, or nothing if its content is `undefined`. */
export function element(
  name: string,
  content: string | number | boolean | undefined | Xml | readonly Xml[],
): Xml {
  if (content === undefined) {
    return { xml: "" };
  }
  return {
    xml: `<${name}>${typeof content === "object" ? join(content) : escapeText(String(content))}</${name}>`,
  };
}

/** A whole document in S3's namespace. */
export function xmlDocument(root: string, content: string | readonly Xml[]): string {
  const inner = typeof content === "string" ? escapeText(content) : join(content);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`;
}

/** S3's error document, which has no namespace. */
export function errorDocument(content: readonly Xml[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${join(content)}</Error>`;
}

function join(content: Xml | readonly Xml[]): string {
  return "xml" in content ? content.xml : content.map((part) => part.xml).join("");
}

export const OWNER_ID = "local";

/** The owner of everything: there is one user. */
export const OWNER: readonly Xml[] = [element("ID", OWNER_ID), element("DisplayName", OWNER_ID)];

/** Format a time as S3's XML does: UTC, whole seconds, `2021-07-03T23:05:32.000Z`. */
export function s3Timestamp(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();
}
