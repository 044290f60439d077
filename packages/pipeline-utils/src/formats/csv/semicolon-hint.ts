import { shown } from "../schema/shown.js";

/** A number with a decimal comma, alone between semicolons. */
const DECIMAL_COMMA_PATTERN = /(?:^|;)"?(-?\d+,\d+)"?(?:;|\r?$)/m;

/**
 * The hint for a file whose fields semicolons separate, although it is read with the default delimiter.
 *
 * @param name - The only column of the header line.
 * @param sample - Bytes after the header line.
 * @returns Undefined if the name has no semicolon.
 */
export function semicolonHint(name: string, sample: Uint8Array): string | undefined {
  return name.includes(";")
    ? `found one column, named ${shown(name)}; ${delimiterAdvice(sample)}`
    : undefined;
}

/** The options for a file whose fields semicolons separate, by some of its bytes. */
export function delimiterAdvice(sample: Uint8Array): string {
  const text = Buffer.from(sample.buffer, sample.byteOffset, sample.length).toString("latin1");
  const [, number] = DECIMAL_COMMA_PATTERN.exec(text) ?? [];
  const decimal =
    number === undefined ? "" : ` and, for numbers such as ${JSON.stringify(number)}, decimal: ","`;
  return `if semicolons separate the fields, use delimiter: ";"${decimal}`;
}
