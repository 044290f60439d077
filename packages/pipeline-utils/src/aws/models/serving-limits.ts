import { ModelIntegrityError } from "../../errors.js";
import type { Feature, Target } from "./feature.js";
import type { ModelHeader } from "./model-file.js";

/** The longest texts of a model that a service answers with, in characters. */
export const MAX_CHARACTERS = {
  name: 200,
  modelType: 100,
  pipelineGitCommitHash: 200,
  bucket: 255,
  // S3's limit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
  key: 1_024,
  hash: 200,
  versionId: 1_024,
  category: 200,
  description: 1_000,
  unit: 100,
};

/**
 * The most values of the features, the target and the metadata together. Each copies them from the thread that reads
 * the file, while no request is answered.
 */
const MAX_VALUES = 50_000;
/** The most characters of their texts and names. */
const MAX_TEXT_CHARACTERS = 1_048_576;

/** The parts of a JSON text that decide how much memory it takes once it is parsed. */
interface JsonParts {
  /** Arrays and objects. */
  readonly containers: number;
  /** All values, within one for each empty array or object. */
  readonly values: number;
  /** Different names of properties, within the few that share a mark. */
  readonly names: number;
}

/** The most parts of a whole file. They bound the memory that it takes before anything else is known of it. */
const MAX_PARTS: JsonParts = { containers: 300_000, values: 1_000_000, names: 50_000 };
const PART_WORDS: Record<keyof JsonParts, string> = {
  containers: "arrays and objects",
  values: "values",
  names: "different names",
};

/** The texts of a model that have a limit. */
export type BoundedTexts = Pick<
  ModelHeader,
  "modelType" | "pipelineGitCommitHash" | "trainDataset" | "features" | "target"
> & { readonly name?: string };

/**
 * Check that no text of a model is longer than its limit. Answers of a service contain them.
 *
 * @param where - Address or name of the model, for messages.
 * @throws {ModelIntegrityError} The message names the field, its length and its limit.
 */
export function checkTexts(model: BoundedTexts, where: string): void {
  const check = (
    limit: keyof typeof MAX_CHARACTERS,
    text: string | undefined,
    field: string = limit,
  ): void => {
    if (text !== undefined && text.length > MAX_CHARACTERS[limit]) {
      throw new ModelIntegrityError(
        `${where}: ${field} has ${text.length} characters, expected at most ${MAX_CHARACTERS[limit]}`,
      );
    }
  };
  const checkColumn = (column: Feature | Target, field: string): void => {
    check("name", column.name, `${field}.name`);
    check("description", column.description, `${field}.description`);
    check("unit", column.unit, `${field}.unit`);
    if (column.type === "category") {
      column.categories.forEach((category, index) => {
        check("category", category, `${field}.categories[${index}]`);
      });
    }
  };
  check("name", model.name);
  check("modelType", model.modelType);
  check("pipelineGitCommitHash", model.pipelineGitCommitHash);
  for (const name of ["bucket", "key", "hash", "versionId"] as const) {
    check(name, model.trainDataset[name], `trainDataset.${name}`);
  }
  model.features.forEach((feature, index) => {
    checkColumn(feature, `features[${index}]`);
  });
  if (model.target !== undefined) {
    checkColumn(model.target, "target");
  }
}

/**
 * Check that a model's file is one that a service can answer with: its texts, and the number of its values. The name is
 * left out, because a service compares it with its own.
 *
 * @throws {ModelIntegrityError} The message names the field, its size and its limit.
 */
export function checkServingLimits(header: ModelHeader, address: string): void {
  const { modelType, pipelineGitCommitHash, trainDataset, features, target, metadata } = header;
  checkTexts({ modelType, pipelineGitCommitHash, trainDataset, features, target }, address);
  const { values, characters } = measure([features, target, metadata]);
  if (values > MAX_VALUES) {
    throw new ModelIntegrityError(
      `${address}: features, target and metadata have ${values} values, expected at most ${MAX_VALUES}`,
    );
  }
  if (characters > MAX_TEXT_CHARACTERS) {
    throw new ModelIntegrityError(
      `${address}: features, target and metadata have texts of ${characters} characters, expected at most ${MAX_TEXT_CHARACTERS}`,
    );
  }
}

/**
 * Check that a file takes little memory once it is parsed.
 *
 * @throws {ModelIntegrityError} The message names the number of its parts, and the limit.
 */
export function checkParts(bytes: Uint8Array, address: string): void {
  const parts = countParts(bytes);
  for (const part of ["containers", "values", "names"] as const) {
    if (parts[part] > MAX_PARTS[part]) {
      throw new ModelIntegrityError(
        `${address}: the file has ${parts[part]} ${PART_WORDS[part]}, expected at most ${MAX_PARTS[part]}`,
      );
    }
  }
}

/** Count the values, names included, and the characters of texts. */
function measure(root: unknown): { values: number; characters: number } {
  const todo: unknown[] = [root];
  let values = 0;
  let characters = 0;
  while (todo.length > 0) {
    const value = todo.pop();
    values += 1;
    if (typeof value === "string") {
      characters += value.length;
    } else if (typeof value === "object" && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        characters += Array.isArray(value) ? 0 : name.length;
        todo.push(item);
      }
    }
  }
  return { values, characters };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

/** FNV-1a, whose lower bits choose one of 2^20 marks. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const MARKS = 2 ** 20;

/**
 * Count the parts of a JSON text, without parsing it. A file of 8 MiB may take 400 MB as objects, and JSON.parse cannot
 * be stopped.
 *
 * @param bytes - UTF-8. A text that is not JSON has some result, and is rejected by the parser.
 */
function countParts(bytes: Uint8Array): JsonParts {
  const marks = new Uint8Array(MARKS);
  let containers = 0;
  let commas = 0;
  let names = 0;
  let mark = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at]) {
      case QUOTE: {
        let hash = FNV_OFFSET;
        for (at += 1; at < bytes.length && bytes[at] !== QUOTE; at += 1) {
          if (bytes[at] === BACKSLASH) {
            at += 1;
          }
          hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
        }
        mark = hash & (MARKS - 1);
        break;
      }
      case COLON:
        // The text before it was a name.
        names += marks[mark] === 0 ? 1 : 0;
        marks[mark] = 1;
        break;
      case COMMA:
        commas += 1;
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        containers += 1;
        break;
    }
  }
  return { containers, values: commas + containers + 1, names };
}
