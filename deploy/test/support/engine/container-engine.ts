import { execFile, spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describe } from "@jest/globals";
import { stringify } from "yaml";
import type { PodCommand } from "../fake-cluster/pod-command.js";
import type { JsonObject, KubeObject } from "../kube-object.js";
import { at, isJsonObject, text } from "../kube-object.js";

const run = promisify(execFile);

const TOOLS = ["buildah", "podman", "runc", "debootstrap", "catatonit", "kubectl"];
const absent = TOOLS.filter((tool) => spawnSync("which", [tool]).status !== 0);
const isRoot = process.getuid?.() === 0;

/** Tests that build and run the images in a real engine; skipped, and said so, where that is not possible. */
export const describeWithEngine: typeof describe.skip =
  absent.length === 0 && isRoot ? describe : describe.skip;

if (describeWithEngine === describe.skip) {
  const lack = isRoot ? `${absent.join(", ")} not installed` : "only root may mount the images";
  process.stderr.write(`SKIPPED: no container engine runs the images here: ${lack}\n`);
}

// systemd and the kernel's filters may be absent where tests run; the limits are those of a machine without privileges.
const CONFIGURATION = `[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
seccomp_profile = "unconfined"
`;

/** Limit and use of a container's memory, in bytes. */
export interface MemoryUse {
  readonly limit: number;
  readonly peak: number;
}

/** buildah, podman and runc over a storage of their own in a temporary folder. */
export class ContainerEngine {
  readonly #played = new Set<string>();

  private constructor(readonly folder: string) {}

  static async start(): Promise<ContainerEngine> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "engine-"));
    await writeFile(path.join(folder, "containers.conf"), CONFIGURATION);
    return new ContainerEngine(folder);
  }

  /** @returns The output, without the last line's end. */
  async command(tool: "buildah" | "podman", ...args: string[]): Promise<string> {
    const places = ["--root", this.path("storage"), "--runroot", this.path("run")];
    const { stdout } = await run(tool, [...places, ...args], {
      env: {
        PATH: process.env.PATH,
        CONTAINERS_CONF: this.path("containers.conf"),
        BUILDAH_ISOLATION: "chroot",
      },
      maxBuffer: 64 * 2 ** 20,
    });
    return stdout.trim();
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  /**
   * The Dockerfile's base image, from Debian's packages and Node's package on npm: no registry of images is asked.
   * The machine's certificates and npm settings go into it, and never into the Dockerfile.
   */
  async makeBaseImage(name: string, nodeVersion: string): Promise<void> {
    const rootfs = this.path("rootfs");
    await run("debootstrap", ["--variant=minbase", "--include=ca-certificates", "bookworm", rootfs]);
    const packages = ["install", "--no-save", "--prefix", this.path("node"), `node@${nodeVersion}`, "npm@11"];
    await run("npm", packages, { maxBuffer: 2 ** 24 });
    const modules = this.path("node/node_modules");
    const local = path.join(rootfs, "usr/local");
    await cp(path.join(modules, "node/bin/node"), path.join(local, "bin/node"));
    await cp(path.join(modules, "npm"), path.join(local, "lib/node_modules/npm"), { recursive: true });
    const certificates = "/etc/ssl/certs/ca-certificates.crt";
    await cp(certificates, path.join(rootfs, certificates));
    const settings = (await run("npm", ["config", "get", "globalconfig"])).stdout.trim();
    await cp(settings, path.join(local, "etc/npmrc")).catch(() => undefined);

    const container = await this.command("buildah", "from", "scratch");
    await this.command("buildah", "copy", "--quiet", container, rootfs, "/");
    for (const program of ["npm", "npx"]) {
      const target = `../lib/node_modules/npm/bin/${program}-cli.js`;
      await this.command("buildah", "run", container, "--", "ln", "-s", target, `/usr/local/bin/${program}`);
    }
    const search = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const variables = ["--env", search, "--env", `NODE_EXTRA_CA_CERTS=${certificates}`];
    await this.command("buildah", "config", ...variables, container);
    await this.command("buildah", "commit", "--quiet", "--rm", container, `docker.io/library/${name}`);
  }

  async build(context: string, tag: string, buildArguments: Record<string, string>): Promise<void> {
    const args = Object.entries(buildArguments).flatMap(([name, value]) => [
      "--build-arg",
      `${name}=${value}`,
    ]);
    const network = ["--network", "host", "--pull-never"];
    await this.command("buildah", "bud", ...network, ...args, "--tag", tag, context);
  }

  /** Bytes. */
  async imageSize(name: string): Promise<number> {
    return Number(await this.command("podman", "image", "inspect", "--format", "{{.Size}}", name));
  }

  /** Run a Deployment or a Pod, and the ConfigMaps it reads. @returns The id of its first container. */
  async play(objects: readonly KubeObject[]): Promise<string> {
    const workload = objects.find(({ kind }) => kind !== "ConfigMap");
    const name = workload?.metadata.name ?? "";
    const file = this.path(`${name}.yaml`);
    await writeFile(file, objects.map((object) => stringify(object)).join("---\n"));
    await this.command("podman", "kube", "play", "--network", "host", file);
    this.#played.add(name);
    const container = at(workload, "spec", "template", "spec", "containers", 0, "name");
    const only = text(container ?? at(workload, "spec", "containers", 0, "name"));
    return this.command("podman", "ps", "--all", "--quiet", "--filter", `name=-${only}$`);
  }

  async log(container: string): Promise<string> {
    return this.command("podman", "logs", container);
  }

  /** Wait for the container's end. @returns Its exit code. */
  async ended(container: string): Promise<number> {
    return Number(await this.command("podman", "wait", container));
  }

  /** Rights of the container's first process: the fields of its status in /proc. */
  async processStatus(container: string): Promise<Map<string, string>> {
    const status = await readFile(`/proc/${await this.#pid(container)}/status`, "utf8");
    return new Map(
      status.split("\n").map((line) => {
        const [name = "", value = ""] = line.split(/:\s*/);
        return [name, value];
      }),
    );
  }

  /** As the kernel counts it, of version 1 or 2 of its control groups. */
  async memory(container: string): Promise<MemoryUse> {
    const groups = await readFile(`/proc/${await this.#pid(container)}/cgroup`, "utf8");
    const [, first] = /^\d+:memory:(.+)$/m.exec(groups) ?? [];
    const [, second = ""] = /^0::(.+)$/m.exec(groups) ?? [];
    const [folder, limit, peak] =
      first === undefined
        ? [`/sys/fs/cgroup${second}`, "memory.max", "memory.peak"]
        : [`/sys/fs/cgroup/memory${first}`, "memory.limit_in_bytes", "memory.max_usage_in_bytes"];
    const read = async (file: string) => Number(await readFile(path.join(folder, file), "utf8"));
    return { limit: await read(limit), peak: await read(peak) };
  }

  async #pid(container: string): Promise<string> {
    return this.command("podman", "inspect", "--format", "{{.State.Pid}}", container);
  }

  /** Run a program beside the container's own. @throws {Error} With what it printed, where it fails. */
  async execute(container: string, ...args: string[]): Promise<string> {
    return this.command("podman", "exec", container, ...args);
  }

  /** Ask its program to end, as the kubelet does. @returns The program's exit code. */
  async end(container: string): Promise<number> {
    await this.command("podman", "stop", "--time", "30", container);
    return Number(await this.command("podman", "inspect", "--format", "{{.State.ExitCode}}", container));
  }

  /** End what was played under a name. */
  async remove(name: string): Promise<void> {
    await this.command("podman", "kube", "down", this.path(`${name}.yaml`));
    this.#played.delete(name);
  }

  async stop(): Promise<void> {
    for (const name of this.#played) {
      await this.remove(name).catch(() => undefined);
    }
    await this.command("podman", "rm", "--all", "--force").catch(() => undefined);
    // The storage mounts its folder over itself.
    await run("umount", ["--recursive", this.path("storage/overlay")]).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * A pod template as podman can run it beside a server on loopback. The edit: podman 4.3 leaves `$(NAME)` in arguments as it
 * is, finds no value of a Secret, and refuses ports on the machine's own network.
 */
export function playable(
  template: unknown,
  image: string,
  { args, env }: Pick<PodCommand, "args" | "env">,
): JsonObject {
  const spec = at(template, "spec");
  const container = at(spec, "containers", 0);
  if (!isJsonObject(spec) || !isJsonObject(container)) {
    throw new Error("the template has no container");
  }
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  const edit = { ports: undefined, image, imagePullPolicy: "Never", args, env: variables };
  return { ...spec, containers: [{ ...container, ...edit }] };
}
