import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { Consumer } from "./support/consumer.js";
import { TaggedRepository } from "./support/tagged-repository.js";

const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();

/** A client: the command that installs, and the files it wants. */
const CLIENTS: [name: string, command: string[], files: Record<string, string>][] = [
  ["npm", ["npm", "install", "--ignore-scripts"], {}],
  ["pnpm 12", ["npx", "--yes", "pnpm@12.21.0", "install"], { "pnpm-workspace.yaml": "pmOnFail: ignore\n" }],
  ["pnpm 10", ["npx", "--yes", "pnpm@10.34.8", "install"], {}],
  ["yarn 1", ["npx", "--yes", "yarn@1.22.22", "install", "--ignore-scripts", "--registry", registry], {}],
  [
    "yarn 4",
    ["npx", "--yes", "--package=@yarnpkg/cli-dist@4.18.1", "yarn", "install"],
    {
      "yarn.lock": "",
      ".yarnrc.yml": [
        "nodeLinker: node-modules",
        "enableScripts: false",
        "enableTelemetry: false",
        'approvedGitRepositories: ["**"]',
        `npmRegistryServer: "${registry}"`,
        "",
      ].join("\n"),
    },
  ],
  ["bun", ["npx", "--yes", "bun@1.4.5", "install", "--ignore-scripts"], {}],
];

/** Those that can take the newest version of a range of tags. */
const TAKE_RANGES = ["npm", "pnpm 12", "pnpm 10", "yarn 1", "yarn 4"];

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

  async function roundTrip(name: string, [command = "", ...args]: string[], files: object, range?: string) {
    const url = name === "yarn 4" ? await repository.serve() : `git+file://${repository.bare}`;
    const dependencies = repository.dependencies(url);
    if (range !== undefined) dependencies["@ml-pipelines/pipeline-utils"] = `${url}#${range}`;
    consumer = new Consumer(dependencies);
    for (const [file, text] of Object.entries(files)) consumer.write(file, String(text));
    await consumer.run(command, ...args);
    return consumer.run("node", "round-trip.mjs");
  }

  test.each(CLIENTS)(
    "by %s work",
    async (name, command, files) => {
      expect(await roundTrip(name, command, files)).toMatch(/^2 4 6$/m);
    },
    300_000,
  );

  test.each(CLIENTS.filter(([name]) => TAKE_RANGES.includes(name)))(
    "by %s work by a range of versions",
    async (name, command, files) => {
      expect(await roundTrip(name, command, files, "semver:^1.0.0")).toMatch(/^2 4 6$/m);
    },
    300_000,
  );
});
