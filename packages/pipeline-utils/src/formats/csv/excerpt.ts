const LIMIT = 40;

/** The beginning of some bytes as a JSON string, for a message. */
export function excerpt(bytes: Uint8Array, start: number, end: number): string {
  return excerptOf(new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 4 * LIMIT))));
}

/** The beginning of a text as a JSON string, for a message. */
export function excerptOf(text: string): string {
  return JSON.stringify(text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text);
}
