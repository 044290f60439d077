import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { Consumer } from "./support/consumer.js";
import { TaggedRepository } from "./support/tagged-repository.js";

const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();

interface Client {
  name: string;
  /** The command that installs. */
  command: string[];
  /** What it wants to find in the project. */
  files?: Record<string, string>;
  /** Whether it can take the newest version of a range of tags. Default: true. */
  ranges?: boolean;
}

const YARN_4_SETTINGS = `nodeLinker: node-modules
enableScripts: false
enableTelemetry: false
approvedGitRepositories: ["**"]
npmRegistryServer: "${registry}"
`;

const CLIENTS: Client[] = [
  { name: "npm", command: ["npm", "install", "--ignore-scripts", "--prefer-offline"] },
  // Which comes with Node 20 and 22.
  {
    name: "npm 10",
    command: ["npx", "--yes", "npm@10.9.9", "install", "--ignore-scripts", "--prefer-offline"],
  },
  {
    name: "npm 12",
    command: ["npx", "--yes", "npm@12.2.1", "install", "--ignore-scripts", "--prefer-offline"],
    files: { ".npmrc": "allow-git=root\n" },
  },
  {
    name: "pnpm 12",
    command: ["npx", "--yes", "pnpm@12.21.0", "install", "--prefer-offline"],
    files: { "pnpm-workspace.yaml": "pmOnFail: ignore\n" },
  },
  { name: "pnpm 10", command: ["npx", "--yes", "pnpm@10.34.8", "install", "--prefer-offline"] },
  {
    name: "yarn 1",
    command: ["npx", "--yes", "yarn@1.22.22", "install", "--ignore-scripts", "--registry", registry],
  },
  {
    name: "yarn 4",
    command: ["npx", "--yes", "--package=@yarnpkg/cli-dist@4.18.1", "yarn", "install"],
    files: { "yarn.lock": "", ".yarnrc.yml": YARN_4_SETTINGS },
  },
  { name: "bun", command: ["npx", "--yes", "bun@1.4.5", "install", "--ignore-scripts"], ranges: false },
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

  async function install({ name, command: [command = "", ...args], files = {} }: Client, range?: string) {
    const url = name === "yarn 4" ? await repository.serve() : `git+file://${repository.bare}`;
    const dependencies = repository.dependencies(url);
    if (range !== undefined) dependencies["@ml-pipelines/pipeline-utils"] = `${url}#${range}`;
    consumer = new Consumer(dependencies);
    for (const [file, text] of Object.entries(files)) consumer.write(file, text);
    await consumer.run(command, ...args);
    return consumer;
  }

  // By npm they are tested with all the rest, in release.test.ts.
  test.each(CLIENTS.filter(({ name }) => name !== "npm"))(
    "by $name work, imported and required",
    async (client) => {
      const project = await install(client);
      expect(await project.run("node", "round-trip.mjs")).toMatch(/^2 4 6$/m);
      expect(await project.run("node", "common.cjs")).toMatch(/function function function$/m);
      // Its node_modules are not flat: what a declaration imports must be a dependency.
      if (client.name === "pnpm 12") expect(await project.typeCheck()).toBe("");
    },
    300_000,
  );

  test.each(CLIENTS.filter(({ ranges }) => ranges !== false))(
    "by $name work by a range of versions",
    async (client) => {
      const project = await install(client, "semver:^1.0.0");
      expect(await project.run("node", "round-trip.mjs")).toMatch(/^2 4 6$/m);
    },
    300_000,
  );
});
