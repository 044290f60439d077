/** A byte stream of a text or of bytes, in chunks of `size`. */
export async function* streamOf(content: string | Uint8Array, size = 65_536): AsyncIterable<Uint8Array> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

/** All bytes of a stream. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** All bytes of a stream, as text. */
export async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return (await bytesOf(stream)).toString("utf8");
}
