import type { ParseResult } from "papaparse";
import { FormatError } from "../../errors.js";
import { shown } from "../shown.js";
import { decodeUtf8 } from "./decode-text.js";

/** A dialect of CSV that the byte reader does not know. */
export interface TextDialect {
  readonly address: string;
  /** The line of the source, from 1, that begins with the first byte. */
  readonly firstLine: number;
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  /** The columns, if the file has no header line. */
  readonly columnNames?: readonly string[] | undefined;
}

/** Separates the fields of the result. A comma could be the decimal mark of numbers, which must not be in quotes. */
export const PLAIN_DELIMITER = "\u001f";
/** A field with one of these characters needs quotes. */
const MEANINGFUL_PATTERN = new RegExp(`["\\r\\n${PLAIN_DELIMITER}]`);
/** Characters that are parsed at a time. */
const PART_CHARACTERS = 1 << 20;

/**
 * Translate a dialect of CSV to fields between `PLAIN_DELIMITER`, otherwise as in RFC 4180, with papaparse. Only a few chunks are in memory at a time.
 *
 * Line ends inside fields are kept, so that line numbers are those of the source.
 *
 * @throws {FormatError} The bytes are not UTF-8, or quotes are malformed.
 */
export async function* transcode(
  source: AsyncIterable<Uint8Array>,
  dialect: TextDialect,
): AsyncIterable<Uint8Array> {
  const { default: papa } = await import("papaparse");
  const encoder = new TextEncoder();
  const { address, delimiter, quote: quoteChar, escape: escapeChar } = dialect;
  let names = dialect.columnNames;
  let text = "";
  let line = dialect.firstLine;
  let newline: "\n" | "\r\n" | undefined;
  const parse = (part: string, last: boolean): ParseResult<string[]> => {
    newline ??= firstLineEnd(text, quoteChar, escapeChar);
    const parser = new papa.Parser({ delimiter, quoteChar, escapeChar, newline: newline ?? "\n" });
    return parser.parse(part, 0, !last) as ParseResult<string[]>;
  };
  const translate = (last: boolean): Uint8Array => {
    const { data, errors, meta } = parse(text, last);
    const [fault] = errors;
    names ??= data[0];
    if (fault !== undefined) {
      // papaparse gives the offset at which the inside of the quotes begins.
      const start = fault.index ?? 0;
      const before = text.slice(0, Math.max(0, start - quoteChar.length));
      const name = names?.[(parse(before, true).data.at(-1)?.length ?? 1) - 1];
      const place = name === undefined ? "" : ` column ${JSON.stringify(name)}:`;
      throw new FormatError(
        `${address} line ${line + lineEnds(before)}:${place} ${fault.message}, found ${shown(text.slice(start))}`,
      );
    }
    line += lineEnds(text.slice(0, meta.cursor));
    text = last ? "" : text.slice(meta.cursor);
    return encoder.encode(
      data.map((fields) => `${fields.map(quotedField).join(PLAIN_DELIMITER)}\n`).join(""),
    );
  };
  for await (const part of decodeUtf8(source, address, dialect.firstLine)) {
    text += part;
    if (text.length > PART_CHARACTERS) {
      yield translate(false);
    }
  }
  if (text !== "") {
    yield translate(true);
  }
}

/** The first line end outside quotes; undefined if there is none. papaparse accepts one kind per file. */
function firstLineEnd(text: string, quote: string, escape: string): "\n" | "\r\n" | undefined {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (escape !== quote && text[at] === escape && text[at + 1] === quote) {
      at++;
    } else if (text[at] === quote) {
      isQuoted = !isQuoted;
    } else if (text[at] === "\n" && !isQuoted) {
      return text[at - 1] === "\r" ? "\r\n" : "\n";
    }
  }
  return undefined;
}

function lineEnds(text: string): number {
  return text.split("\n").length - 1;
}

function quotedField(field: string): string {
  return MEANINGFUL_PATTERN.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
