/** The body of an S3 server's error. */
export function errorXml(code: string, message = "…"): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
