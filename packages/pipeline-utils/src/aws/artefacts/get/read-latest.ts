import { ArtefactChangedError, ArtefactNotFoundError } from "../../../errors.js";
import type { FileFormat } from "../../timestamped-key.js";
import type { S3TimestampedArtefact } from "../artefact.js";
import { readChecked } from "./body.js";
import type { VerifiedBody } from "./body.js";
import { findLatestArtefactOnS3 } from "../find-artefacts.js";
import type { SearchOptions, TransferOptions } from "../options.js";

/**
 * Find the latest artefact and read it.
 *
 * If the artefact is replaced, deleted or damaged between listing and reading, the search runs once more. A second
 * failure is an error.
 *
 * @throws {ArtefactNotFoundError} The folder has no such artefact.
 * @throws {ArtefactChangedError} It changed or was damaged twice.
 */
export async function readLatest<T>(
  fileFormat: FileFormat,
  bucket: string,
  { onProgress, ...search }: SearchOptions & TransferOptions,
  read: (artefact: S3TimestampedArtefact, body: VerifiedBody) => Promise<T>,
): Promise<T> {
  const attempt = async (artefact: S3TimestampedArtefact): Promise<T> => {
    const body = await artefact.get({ signal: search.signal, onProgress });
    return readChecked(body, (chunks) =>
      read(artefact, { ...body, [Symbol.asyncIterator]: () => chunks[Symbol.asyncIterator]() }),
    );
  };
  const listed = await findLatestArtefactOnS3(fileFormat, bucket, search);
  try {
    return await attempt(listed);
  } catch (error) {
    if (!(error instanceof ArtefactChangedError || error instanceof ArtefactNotFoundError)) {
      throw error;
    }
  }
  const listedAgain = await findLatestArtefactOnS3(fileFormat, bucket, search);
  try {
    return await attempt(listedAgain);
  } catch (error) {
    if (!(error instanceof ArtefactNotFoundError)) {
      throw error;
    }
    throw new ArtefactChangedError(
      `${listedAgain.address}: it was deleted between listing and reading, twice`,
      {
        cause: error,
      },
    );
  }
}
