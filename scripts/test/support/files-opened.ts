import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** An import, or a re-export, of names from a file of this repository. */
interface Import {
  readonly file: string;
  /** Undefined: any name, as of a dynamic import. */
  readonly names: readonly string[] | undefined;
}

/**
 * The files that a reader opens who follows all imports of values, from some files on. An index.ts is passed through: the
 * reader goes on in the file that it re-exports a name from.
 *
 * @param root - Folder of the repository.
 * @param entries - Relative to `root`.
 */
export function filesOpened(root: string, entries: readonly string[]): string[] {
  const opened = new Set<string>();
  const todo: Import[] = entries.map((entry) => ({ file: path.join(root, entry), names: undefined }));
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { file, names } = next;
    if (names !== undefined && path.basename(file) === "index.ts") {
      todo.push(...sourcesOf(root, file, names));
    } else if (!opened.has(file) && existsSync(file)) {
      opened.add(file);
      todo.push(...importsOf(root, file));
    }
  }
  return [...opened].map((file) => path.relative(root, file)).sort();
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
}

function importsOf(root: string, file: string): Import[] {
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) {
      const bindings = node.importClause?.namedBindings;
      const names =
        bindings !== undefined && ts.isNamedImports(bindings)
          ? bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
          : undefined;
      imports.push(...resolve(root, file, node.moduleSpecifier, names));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      imports.push(...node.arguments.flatMap((specifier) => resolve(root, file, specifier, undefined)));
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return imports;
}

/** The files that an index.ts re-exports names from. */
function sourcesOf(root: string, index: string, names: readonly string[]): Import[] {
  return parse(index).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) {
      return [];
    }
    const { exportClause, moduleSpecifier } = statement;
    const [source] = resolve(root, index, moduleSpecifier, names);
    if (source === undefined) {
      return [];
    }
    if (exportClause === undefined && path.basename(source.file) === "index.ts") {
      return [source];
    }
    const exported =
      exportClause !== undefined && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name }) => name.text)
        : declaredIn(source.file);
    return exported.some((name) => names.includes(name)) ? [source] : [];
  });
}

/** The names of the values that a file declares for others. */
function declaredIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^export (?:async )?(?:abstract class|class|function\*?|const) (\w+)/gm)].map(
    ([, name = ""]) => name,
  );
}

function resolve(
  root: string,
  from: string,
  specifier: ts.Node,
  names: readonly string[] | undefined,
): Import[] {
  if (!ts.isStringLiteral(specifier)) {
    return [];
  }
  const { text } = specifier;
  if (text.startsWith(".")) {
    return [{ file: path.resolve(path.dirname(from), text.replace(/\.js$/, ".ts")), names }];
  }
  const [, workspace, entry = "."] = /^@ml-pipelines\/([\w-]+)(?:\/(.+))?$/.exec(text) ?? [];
  return workspace === undefined
    ? []
    : [
        {
          file: path.join(root, "packages", workspace, "src", entry === "." ? "" : entry, "index.ts"),
          names,
        },
      ];
}
