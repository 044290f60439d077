/**
 * The bytes of an object, checked while they stream: the iteration ends normally only if what came is what was recorded,
 * and ends in an ArtefactChangedError otherwise. Bytes handed out before that are not yet proven. Can be iterated once.
 */
export interface VerifiedBody extends AsyncIterable<Uint8Array> {
  /** In bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Where the bucket keeps versions. */
  readonly versionId: string | undefined;
}

/** Collect a whole body; the error of a body that fails its check comes through. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
