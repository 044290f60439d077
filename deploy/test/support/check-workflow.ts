import { readFile } from "node:fs/promises";
import path from "node:path";
import { validate } from "@actions/languageservice/validate";
import { TextDocument } from "vscode-languageserver-textdocument";

const root = path.join(import.meta.dirname, "../../..");

/** The inputs that these workflows give to actions of others, by the pinned versions' action.yml. */
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  "actions/checkout": ["fetch-depth", "persist-credentials", "ref"],
  "actions/setup-node": ["node-version"],
};

let checked = 0;

/**
 * Faults that GitHub's language service finds in a workflow: unknown fields and values, expressions
 * that do not parse, contexts, outputs, inputs, needs and reusable workflows that are not there.
 *
 * @returns A line for each, as `12: Unexpected value 'run-on'`.
 * @see https://github.com/actions/languageservices
 */
export async function checkWorkflow(source: string): Promise<string[]> {
  // It remembers what it parsed by its address.
  const document = TextDocument.create(`file:///.github/workflows/${++checked}.yml`, "yaml", 1, source);
  const found = await validate(document, {
    fileProvider: {
      getFileContent: async (reference) => {
        const file = "path" in reference ? reference.path : "";
        return { name: file, content: await readFile(path.join(root, file), "utf8") };
      },
    },
    actionsMetadataProvider: {
      async fetchActionMetadata({ owner, name }) {
        const inputs = INPUTS[`${owner}/${name}`]?.map((input) => [input, { description: "" }] as const);
        return inputs && { name, description: "", inputs: Object.fromEntries(inputs) };
      },
    },
  });
  return found.map(
    ({ range, message }) =>
      `${range.start.line + 1}: ${typeof message === "string" ? message : message.value}`,
  );
}
