/**
 * The bytes of an object, checked while they stream. The body can be iterated once.
 *
 * The iteration ends normally only if the bytes match the recorded hashes; otherwise it throws an ArtefactChangedError.
 * Until it ends, the bytes are unverified.
 */
export interface VerifiedBody extends AsyncIterable<Uint8Array> {
  /** In bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Set if the bucket keeps versions. */
  readonly versionId: string | undefined;
}

/** Collect a whole body. An error of the body's check is passed on. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
