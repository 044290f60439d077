import { S3Error } from "../errors.js";

export interface XmlElement {
  /** The name without its namespace prefix. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** The text directly inside, with entities resolved. */
  readonly text: string;
}

interface OpenElement {
  /** The name as written, prefix and all: the end tag must repeat it. */
  readonly tag: string;
  readonly children: XmlElement[];
  readonly text: string[];
}

/** Deeper than any S3 request body. The bound limits the cost of hostile nesting. */
const MAX_XML_DEPTH = 16;

/** Sticky patterns without nested quantifiers, so that no input makes them slow. */
const TOKENS = {
  declaration: /<\?xml[^<>]*\?>/y,
  comment: /<!--[^]*?-->/y,
  cdata: /<!\[CDATA\[([^]*?)\]\]>/y,
  endTag: /<\/([^\s<>/]+)\s*>/y,
  startTag: /<([A-Za-z_][^\s<>/="'&;]*)((?:\s+[^\s<>/="'&;]+\s*=\s*(?:"[^<"]*"|'[^<']*'))*)\s*(\/?)>/y,
  text: /[^<]+/y,
} as const;

const NAMED_ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Parse a request body: elements, attributes (ignored), text, CDATA, comments.
 *
 * A DOCTYPE, a custom entity or a processing instruction is rejected. No S3 request has them, and XML attacks use them.
 *
 * @throws {S3Error} MalformedXML.
 */
export function parseXml(bytes: Uint8Array): XmlElement {
  const source = decodeUtf8(bytes);
  const document: OpenElement = { tag: "", children: [], text: [] };
  const open: OpenElement[] = [document];
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(source);
    position = found === null ? position : pattern.lastIndex;
    return found;
  };

  match(TOKENS.declaration);
  while (position < source.length) {
    const current = open.at(-1) ?? document;
    if (match(TOKENS.comment) !== null) {
      continue;
    }
    const text = match(TOKENS.text);
    if (text !== null) {
      addText(current, document, resolveEntities(text[0]));
      continue;
    }
    const cdata = match(TOKENS.cdata);
    if (cdata !== null) {
      addText(current, document, cdata[1] ?? "");
      continue;
    }
    const end = match(TOKENS.endTag);
    if (end !== null) {
      if (current === document || end[1] !== current.tag) {
        throw malformedXml();
      }
      open.pop();
      (open.at(-1) ?? document).children.push(closed(current));
      continue;
    }
    const start = match(TOKENS.startTag);
    if (start?.[1] === undefined || (current === document && document.children.length > 0)) {
      throw malformedXml();
    }
    const opened: OpenElement = { tag: start[1], children: [], text: [] };
    if (start[3] === "/") {
      current.children.push(closed(opened));
    } else if (open.push(opened) > MAX_XML_DEPTH) {
      throw malformedXml();
    }
  }
  const root = document.children[0];
  if (open.length !== 1 || root === undefined) {
    throw malformedXml();
  }
  return root;
}

/** The first child of that name. */
export function child(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((candidate) => candidate.name === name);
}

/** The text of the first child of that name, without surrounding white space. */
export function childText(parent: XmlElement, name: string): string | undefined {
  return child(parent, name)?.text.trim();
}

export function malformedXml(): S3Error {
  return new S3Error(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformedXml();
  }
}

function closed(element: OpenElement): XmlElement {
  return {
    name: element.tag.slice(element.tag.indexOf(":") + 1),
    children: element.children,
    text: element.text.join(""),
  };
}

function addText(current: OpenElement, document: OpenElement, text: string): void {
  if (current !== document) {
    current.text.push(text);
  } else if (text.trim() !== "") {
    throw malformedXml();
  }
}

function resolveEntities(text: string): string {
  return text.includes("&")
    ? text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]{2,4});|&/g, (_, entity: string | undefined) =>
        resolveEntity(entity),
      )
    : text;
}

function resolveEntity(entity: string | undefined): string {
  if (entity?.startsWith("#") === true) {
    const code = entity.startsWith("#x") ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    if (code > 0 && code <= 0x10ffff && !isSurrogate) {
      return String.fromCodePoint(code);
    }
  }
  const named = entity === undefined ? undefined : NAMED_ENTITIES[entity];
  if (named === undefined) {
    throw malformedXml();
  }
  return named;
}
