import ts from "typescript";
import type { KubeObject } from "../kube-object.js";
import { API_TYPES, modelModule } from "./api-types.js";

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  lib: ["lib.es2022.d.ts"],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
};

/**
 * Check that each object has no field that its kind does not know, at any depth. The API server would drop such a
 * field and say nothing. The TypeScript compiler does it: an object literal may have no property that its type has not.
 *
 * @returns Faults, in the objects' order.
 */
export function checkFields(objects: readonly KubeObject[]): string[] {
  const known = objects.filter(({ apiVersion, kind }) => API_TYPES[apiVersion]?.includes(kind));
  const source = known
    .map(
      (object, index) =>
        `import type { I${object.kind} as T${index} } from "${modelModule(object.apiVersion, object.kind)}";\n` +
        `export const object${index} = ${JSON.stringify(object, null, 1)} satisfies T${index};\n`,
    )
    .join("");
  return typeErrors(source).map(({ message, position }) => {
    const index = Number(/.*export const object(\d+)/s.exec(source.slice(0, position))?.[1] ?? 0);
    const line = source.slice(source.lastIndexOf("\n", position) + 1, source.indexOf("\n", position)).trim();
    return `${known[index]?.kind ?? ""}/${known[index]?.metadata.name ?? ""}: ${line} — ${message}`;
  });
}

const FILE_NAME = `${import.meta.dirname}/manifests-to-check.ts`;

/** The declarations are the same each time. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function typeErrors(source: string): { message: string; position: number }[] {
  const host = ts.createCompilerHost(OPTIONS);
  const files = ts.createCompilerHost(OPTIONS);
  host.fileExists = (name) => name === FILE_NAME || parsed.has(name) || files.fileExists(name);
  host.getSourceFile = (name, ...rest) => {
    if (name === FILE_NAME) {
      return ts.createSourceFile(name, source, ts.ScriptTarget.ES2022);
    }
    if (!parsed.has(name)) {
      parsed.set(name, files.getSourceFile(name, ...rest));
    }
    return parsed.get(name);
  };
  const program = ts.createProgram([FILE_NAME], OPTIONS, host);
  const file = program.getSourceFile(FILE_NAME);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ messageText, start = 0 }) => ({
      message: ts.flattenDiagnosticMessageText(messageText, " "),
      position: start,
    }),
  );
}
