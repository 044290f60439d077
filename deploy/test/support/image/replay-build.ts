import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { copyBuildContext } from "./build-context.js";
import type { Instruction, Stage } from "./parse-dockerfile.js";

export interface Replay {
  /** The repository. */
  context: string;
  /** Holds a folder for each stage, in place of its root. */
  folder: string;
  buildArguments: Record<string, string>;
  /** The commands and copies of earlier replays in the same folder, which are not repeated. */
  layers: Set<string>;
}

/** The result of the last stage. */
export interface Image {
  /** The folder that takes the place of its root. */
  root: string;
  workingDirectory: string;
  environment: Record<string, string>;
  user: string;
  entrypoint: string[];
}

/**
 * Repeat the build of an image without a container engine. Each stage's root is a folder, and its commands run on this
 * machine's own Node. The replay shows that the steps fit the repository; it shows nothing about the base image.
 *
 * @throws {Error} A command fails, with its output; or an instruction is not known here.
 */
export async function replayBuild(stages: readonly Stage[], replay: Replay): Promise<Image> {
  const images = new Map<string, Image>();
  let image: Image | undefined;
  for (const [index, stage] of stages.entries()) {
    const name = stage.name ?? String(index);
    const base = images.get(substitute(stage.base, replay.buildArguments));
    image = await startFrom(base, path.join(replay.folder, name));
    images.set(name, image);
    for (const instruction of stage.instructions) {
      const layer = JSON.stringify([index, instruction, changesWith(instruction, replay.buildArguments)]);
      if (["RUN", "COPY"].includes(instruction.name) && replay.layers.has(layer)) {
        continue;
      }
      await replayInstruction(instruction, image, images, replay);
      replay.layers.add(layer);
    }
  }
  if (image === undefined) {
    throw new Error("no stage");
  }
  return image;
}

/** Begin a stage. One that is based on an earlier stage continues with its files and settings. */
async function startFrom(base: Image | undefined, root: string): Promise<Image> {
  if (base === undefined) {
    return { root, workingDirectory: "/", environment: {}, user: "root", entrypoint: [] };
  }
  if (existsSync(base.root)) {
    await cp(base.root, root, { recursive: true, verbatimSymlinks: true });
  }
  return { ...base, root, environment: { ...base.environment } };
}

/** Put the values of variables into a text. Unknown ones become empty, as in Docker. */
function substitute(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? "");
}

/** The values of the arguments that an instruction depends on, itself or through a stage that it copies from. */
function changesWith({ rest }: Instruction, buildArguments: Record<string, string>): string[] {
  return Object.entries(buildArguments)
    .filter(([name]) => rest.includes("--from=") || rest.includes(`\${${name}}`))
    .map(([, value]) => value);
}

async function replayInstruction(
  { name, rest }: Instruction,
  image: Image,
  images: ReadonlyMap<string, Image>,
  { context, buildArguments }: Replay,
): Promise<void> {
  switch (name) {
    case "ARG": {
      const [key = "", initial = ""] = rest.split("=");
      image.environment[key] = buildArguments[key] ?? initial;
      return;
    }
    case "ENV":
      for (const [, key = "", value = ""] of rest.matchAll(/(\w+)=(\S*)/g)) {
        image.environment[key] = substitute(value, image.environment);
      }
      return;
    case "WORKDIR":
      image.workingDirectory = rest;
      await mkdir(path.join(image.root, rest), { recursive: true });
      return;
    case "COPY":
      return copy(rest.split(" "), image, images, context);
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
  images: ReadonlyMap<string, Image>,
  context: string,
): Promise<void> {
  const target = path.join(image.root, image.workingDirectory, words.at(-1) ?? "");
  const stage = /^--from=(.*)$/.exec(words[0] ?? "")?.[1];
  if (stage !== undefined) {
    const source = path.join(images.get(stage)?.root ?? "", words[1] ?? "");
    await cp(source, target, { recursive: true, verbatimSymlinks: true });
  } else if (words[0] === ".") {
    await copyBuildContext(context, target);
  } else {
    for (const file of words.slice(0, -1)) {
      await cp(path.join(context, file), path.join(target, file));
    }
  }
}

function runCommand(command: string, { root, workingDirectory, environment }: Image): void {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command.replaceAll(" /app", ` ${root}/app`)], {
    cwd: path.join(root, workingDirectory),
    encoding: "utf8",
    env: {
      // Has the machine's own settings for its registry.
      ...process.env,
      ...environment,
      // `npm install --global` installs into the image.
      npm_config_prefix: path.join(root, "usr"),
      PATH: `${root}/usr/bin:${process.env.PATH ?? ""}`,
    },
  });
  if (status !== 0) {
    throw new Error(`RUN ${command} ended with ${String(status)}:\n${stdout}${stderr}`);
  }
}
