import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { COMMON_OUTPUT, Consumer, ROUND_TRIP_OUTPUT } from "./support/consumer.js";
import { TaggedRepository } from "./support/tagged-repository.js";

const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();

interface Client {
  name: string;
  command: string[];
  /** Subcommand that installs the packages given to it. Default: `install`, as without packages. */
  add?: string;
  /** Arguments of each install. */
  options?: string[];
  /** The settings that it needs in the project. */
  files?: Record<string, string>;
  /** Whether it can take the newest version of a range of tags. Default: true. */
  ranges?: boolean;
}

/** Ten minutes: on a busy machine, an install and a compilation take five. */
const INSTALL_TIMEOUT_MS = 600_000;
const NPM_OPTIONS = ["--ignore-scripts", "--prefer-offline"];
const YARN_4_SETTINGS = `nodeLinker: node-modules
enableScripts: false
enableTelemetry: false
approvedGitRepositories: ["**"]
npmRegistryServer: "${registry}"
`;

const CLIENTS: Client[] = [
  { name: "npm", command: ["npm"], options: NPM_OPTIONS },
  // Node 20 and 22 come with it.
  { name: "npm 10", command: ["npx", "--yes", "npm@10.9.9"], options: NPM_OPTIONS },
  {
    name: "npm 12",
    command: ["npx", "--yes", "npm@12.2.1"],
    options: NPM_OPTIONS,
    files: { ".npmrc": "allow-git=root\n" },
  },
  {
    name: "pnpm 12",
    command: ["npx", "--yes", "pnpm@12.21.0"],
    add: "add",
    options: ["--prefer-offline"],
    files: { "pnpm-workspace.yaml": "pmOnFail: ignore\n" },
  },
  { name: "pnpm 10", command: ["npx", "--yes", "pnpm@10.34.8"], add: "add", options: ["--prefer-offline"] },
  {
    name: "yarn 1",
    command: ["npx", "--yes", "yarn@1.22.22"],
    add: "add",
    // On Node 20 it rejects cookie 2, a dependency of Fastify's that asks for Node 22 and runs on 20.19 all the same.
    options: ["--ignore-scripts", "--ignore-engines", "--registry", registry],
  },
  {
    name: "yarn 4",
    command: ["npx", "--yes", "--package=@yarnpkg/cli-dist@4.18.1", "yarn"],
    add: "add",
    files: { "yarn.lock": "", ".yarnrc.yml": YARN_4_SETTINGS },
  },
  {
    name: "bun",
    command: ["npx", "--yes", "bun@1.4.5"],
    add: "add",
    options: ["--ignore-scripts"],
    ranges: false,
  },
];

describe("packages installed from their tags", () => {
  let repository: TaggedRepository;
  let consumer: Consumer | undefined;
  beforeAll(() => {
    repository = new TaggedRepository();
  }, 120_000);
  afterEach(() => consumer?.remove());
  afterAll(() => {
    repository.remove();
  });

  function run(project: Consumer, { command: [command = "", ...args] }: Client, more: string[]) {
    return project.run(command, ...args, ...more);
  }

  function makeProject({ files = {} }: Client, dependencies: Record<string, string>): Consumer {
    consumer = new Consumer(dependencies);
    for (const [file, text] of Object.entries(files)) {
      consumer.write(file, text);
    }
    return consumer;
  }

  /** yarn 4 rejects a path, and an address without a name. */
  async function sources({ name }: Client): Promise<{ dependencies: Record<string, string>; url: string }> {
    const url = name === "yarn 4" ? await repository.serve() : `git+file://${repository.bare}`;
    return { dependencies: repository.dependencies(url), url };
  }

  /** Install all tags into an empty project, in one command. */
  async function add(client: Client): Promise<Consumer> {
    const { dependencies } = await sources(client);
    const project = makeProject(client, {});
    const packages = Object.entries(dependencies).map(([name, source]) =>
      client.name === "yarn 4" ? `${name}@${source}` : source,
    );
    await run(project, client, [client.add ?? "install", ...(client.options ?? []), ...packages]);
    return project;
  }

  /** Install a project whose package.json has a range of pipeline-utils' tags. */
  async function installRange(client: Client, range: string): Promise<Consumer> {
    const { dependencies, url } = await sources(client);
    dependencies["@ml-pipelines/pipeline-utils"] = `${url}#${range}`;
    const project = makeProject(client, dependencies);
    await run(project, client, ["install", ...(client.options ?? [])]);
    return project;
  }

  test.each(CLIENTS)(
    "works when $name installs all in one command: imported, required and type-checked",
    async (client) => {
      const project = await add(client);
      expect(project.copiesOf("@ml-pipelines/pipeline-utils")).toHaveLength(1);
      expect(await project.run("node", "round-trip.mjs")).toMatch(ROUND_TRIP_OUTPUT);
      expect(await project.run("node", "common.cjs")).toMatch(COMMON_OUTPUT);
      expect(await project.typeCheck()).toBe("");
    },
    INSTALL_TIMEOUT_MS,
  );

  test.each(CLIENTS.filter(({ ranges }) => ranges !== false))(
    "works when $name installs by a range of versions",
    async (client) => {
      const project = await installRange(client, "semver:^0.1.0");
      expect(project.copiesOf("@ml-pipelines/pipeline-utils")).toHaveLength(1);
      expect(await project.run("node", "round-trip.mjs")).toMatch(ROUND_TRIP_OUTPUT);
    },
    INSTALL_TIMEOUT_MS,
  );
});
