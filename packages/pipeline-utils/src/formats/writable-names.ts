import { type Schema } from "apache-arrow";
import { SerialisationError } from "../errors.js";
import { nameTwice } from "./name-twice.js";

/** Half of a character beyond U+FFFF, which UTF-8 has no form for. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The names of the columns of a table that is to be written.
 *
 * @param form - The file's format, for the message.
 * @throws {SerialisationError} No columns, two of one name, or half of a character in a name, which would be read as another.
 */
export function writableNames({ fields }: Schema, form: string): string[] {
  const names = fields.map(({ name }) => name);
  if (names.length === 0) throw new SerialisationError(`a table without columns has no form in ${form}`);
  const twice = nameTwice(names);
  if (twice !== undefined) throw new SerialisationError(twice);
  const broken = names.findIndex((name) => LONE_SURROGATE.test(name));
  if (broken >= 0) {
    throw new SerialisationError(
      `column ${broken + 1} is named ${JSON.stringify(names[broken])}, which is no text of whole characters`,
    );
  }
  return names;
}
