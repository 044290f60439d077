import { spawnSync } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { copyBuildContext } from "./build-context.js";
import type { Instruction, Stage } from "./parse-dockerfile.js";

export interface Replay {
  /** The repository. */
  context: string;
  /** Takes the place of the images' root folders. */
  folder: string;
  buildArguments: Record<string, string>;
  /** The commands and copies that an earlier replay did in the same folder: they are not done again. */
  layers: Set<string>;
}

/** What the last stage ends with. */
export interface Image {
  /** The folder that took the place of its root. */
  root: string;
  workingDirectory: string;
  environment: Record<string, string>;
  user: string;
  entrypoint: string[];
}

/**
 * Do what the build of an image would do, without an engine: each stage's root is a folder, its commands run on this
 * machine's own Node. It shows that the steps fit the repository; it shows nothing of the base image.
 *
 * @throws {Error} A command fails, with its output; or an instruction is not known here.
 */
export async function replayBuild(stages: readonly Stage[], replay: Replay): Promise<Image> {
  const roots = new Map<string, string>();
  let image: Image | undefined;
  for (const [index, stage] of stages.entries()) {
    const root = path.join(replay.folder, stage.name ?? String(index));
    roots.set(stage.name ?? String(index), root);
    image = { root, workingDirectory: "/", environment: {}, user: "root", entrypoint: [] };
    for (const instruction of stage.instructions) {
      const layer = JSON.stringify([index, instruction, changesWith(instruction, replay.buildArguments)]);
      if (["RUN", "COPY"].includes(instruction.name) && replay.layers.has(layer)) continue;
      await replayInstruction(instruction, image, roots, replay);
      replay.layers.add(layer);
    }
  }
  if (image === undefined) throw new Error("no stage");
  return image;
}

/** The values of the arguments that an instruction names, or takes from a stage that names them. */
function changesWith({ rest }: Instruction, buildArguments: Record<string, string>): string[] {
  return Object.entries(buildArguments)
    .filter(([name]) => rest.includes("--from=") || rest.includes(`\${${name}}`))
    .map(([, value]) => value);
}

async function replayInstruction(
  { name, rest }: Instruction,
  image: Image,
  roots: ReadonlyMap<string, string>,
  { context, buildArguments }: Replay,
): Promise<void> {
  switch (name) {
    case "ARG": {
      const [key = "", initial = ""] = rest.split("=");
      image.environment[key] = buildArguments[key] ?? initial;
      return;
    }
    case "ENV":
      for (const [, key = "", value = ""] of rest.matchAll(/(\w+)=(\S*)/g))
        image.environment[key] = value.replace(
          /\$\{(\w+)\}/g,
          (_, other: string) => image.environment[other] ?? "",
        );
      return;
    case "WORKDIR":
      image.workingDirectory = rest;
      await mkdir(path.join(image.root, rest), { recursive: true });
      return;
    case "COPY":
      return copy(rest.split(" "), image, roots, context);
    case "RUN":
      runCommand(rest, image);
      return;
    case "USER":
      image.user = rest;
      return;
    case "ENTRYPOINT":
      image.entrypoint = rest.split(/[[\],\s"]+/).filter((word) => word !== "");
      return;
    case "EXPOSE":
      return;
    default:
      throw new Error(`${name} ${rest}: this instruction is not replayed`);
  }
}

async function copy(
  words: string[],
  image: Image,
  roots: ReadonlyMap<string, string>,
  context: string,
): Promise<void> {
  const target = path.join(image.root, image.workingDirectory, words.at(-1) ?? "");
  const stage = /^--from=(.*)$/.exec(words[0] ?? "")?.[1];
  if (stage !== undefined) {
    const source = path.join(roots.get(stage) ?? "", words[1] ?? "");
    await cp(source, target, { recursive: true, verbatimSymlinks: true });
  } else if (words[0] === ".") await copyBuildContext(context, target);
  else for (const file of words.slice(0, -1)) await cp(path.join(context, file), path.join(target, file));
}

function runCommand(command: string, { root, workingDirectory, environment }: Image): void {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command.replaceAll(" /app", ` ${root}/app`)], {
    cwd: path.join(root, workingDirectory),
    encoding: "utf8",
    env: {
      // The machine's own way to its registry.
      ...process.env,
      ...environment,
      // What `npm install --global` installs stays in the image.
      npm_config_prefix: path.join(root, "usr"),
      PATH: `${root}/usr/bin:${process.env.PATH ?? ""}`,
    },
  });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${String(status)}:\n${stdout}${stderr}`);
}
