import { type ParseResult } from "papaparse";
import { FormatError } from "../../errors.js";

/** A dialect of CSV that the byte reader does not know. */
export interface TextDialect {
  readonly address: string;
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
}

const MEANINGFUL = /[",\r\n]/;

/**
 * Translate a dialect of CSV to RFC 4180, by papaparse, in memory of a few chunks.
 *
 * Line ends inside fields stay, so that line numbers stay those of the source.
 *
 * @throws {FormatError} Bytes that are not UTF-8, and malformed quotes.
 */
export async function* transcode(
  source: AsyncIterable<Uint8Array>,
  dialect: TextDialect,
): AsyncIterable<Uint8Array> {
  const { default: papa } = await import("papaparse");
  const encoder = new TextEncoder();
  let text = "";
  let line = 1;
  let newline: "\n" | "\r\n" | undefined;
  const translate = (last: boolean): Uint8Array => {
    newline ??= /\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n";
    const parser = new papa.Parser({
      delimiter: dialect.delimiter,
      quoteChar: dialect.quote,
      escapeChar: dialect.escape,
      newline,
    });
    const { data, errors, meta } = parser.parse(text, 0, !last) as ParseResult<string[]>;
    const [fault] = errors;
    if (fault !== undefined) {
      const before = text.slice(0, fault.index ?? 0).split("\n").length - 1;
      throw new FormatError(`${dialect.address} line ${line + before}: ${fault.message}`);
    }
    line += text.slice(0, meta.cursor).split("\n").length - 1;
    text = last ? "" : text.slice(meta.cursor);
    return encoder.encode(data.map((fields) => `${fields.map(quoted).join(",")}\n`).join(""));
  };
  for await (const part of decoded(source, dialect.address)) {
    text += part;
    if (text.length > 1 << 20) yield translate(false);
  }
  if (text !== "") yield translate(true);
}

async function* decoded(source: AsyncIterable<Uint8Array>, address: string): AsyncIterable<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw new FormatError(`${address}: found bytes that are not valid UTF-8`, { cause });
    }
  };
  for await (const chunk of source) yield decode(chunk);
  yield decode();
}

function quoted(field: string): string {
  return MEANINGFUL.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
