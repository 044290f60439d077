/** A line of a Dockerfile, its continuations joined. */
export interface Instruction {
  name: string;
  rest: string;
}

/** The instructions of one FROM and those below it. */
export interface Stage {
  /** Its name after `AS`. */
  name?: string;
  base: string;
  instructions: Instruction[];
}

export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  for (const line of lines.join("\n").replaceAll("\\\n", " ").split("\n")) {
    const [, name, rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      continue;
    }
    if (name !== "FROM") {
      stages.at(-1)?.instructions.push({ name, rest });
      continue;
    }
    const [base = "", , alias] = rest.split(/\s+/);
    stages.push({ base, instructions: [], ...(alias === undefined ? {} : { name: alias }) });
  }
  return stages;
}
