import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { installableManifest } from "../release-pack.mjs";
import { git, releaseTag, remoteTags, tagTree } from "../release-tag.mjs";
import { installedSize } from "./support/installed-size.js";
import { Consumer } from "./support/consumer.js";
import { TaggedRepository } from "./support/tagged-repository.js";

const page = readFileSync(new URL("../../docs/installing-and-releasing.md", import.meta.url), "utf8");

describe("a package's tag", () => {
  test.each([
    ["@ml-pipelines/pipeline-utils", "v1.2.3"],
    ["@ml-pipelines/decision-tree", "decision-tree-v1.2.3"],
    ["@ml-pipelines/local-s3", "local-s3-v1.2.3"],
  ])("of %s is %s", (name, tag) => {
    expect(releaseTag({ name, version: "1.2.3" })).toBe(tag);
  });
});

describe("a released package.json", () => {
  test("has nothing that a client would run or install beside it", () => {
    const packed = {
      name: "a",
      dependencies: { b: "1.0.0" },
      devDependencies: { c: "1.0.0" },
      scripts: { prepare: "x" },
    };
    expect(installableManifest(packed)).toEqual({ name: "a", dependencies: { b: "1.0.0" } });
  });

  test.each([
    [{ b: "workspace:*" }, /a: dependencies has b "workspace:\*", which no other project can install/],
    [{ b: "catalog:" }, /a: dependencies has b "catalog:"/],
    [{ "@ml-pipelines/local-s3": "1.0.0" }, /a: dependencies has @ml-pipelines\/local-s3 "1\.0\.0"/],
  ])("does not depend on what only this repository has: %j", (dependencies, message) => {
    expect(() => installableManifest({ name: "a", dependencies })).toThrow(message);
  });
});

describe("packages installed by npm from their tags", () => {
  let repository: TaggedRepository;
  let consumer: Consumer;

  beforeAll(async () => {
    repository = new TaggedRepository();
    consumer = new Consumer(repository.dependencies());
    await consumer.run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline");
  }, 240_000);
  afterAll(() => {
    consumer.remove();
    repository.remove();
  });

  test("are commits without a past, whose trees are the built packages", () => {
    expect([...remoteTags(repository.source, "origin")].sort()).toEqual([
      "decision-tree-v1.2.3",
      "local-s3-v1.2.3",
      "v1.2.3",
    ]);
    expect(git(repository.bare, ["rev-list", "--count", "v1.2.3"])).toBe("1");
    const files = git(repository.bare, ["ls-tree", "--name-only", "v1.2.3"]).split("\n");
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "dist", "package.json"]));
    expect(files).not.toContain("src");
    expect(git(repository.bare, ["log", "-1", "--format=%B", "v1.2.3"])).toMatch(
      /^@ml-pipelines\/pipeline-utils 1\.2\.3\n\nBuilt from [0-9a-f]{40}\./,
    );
  });

  test("are the same commits when they are made again", () => {
    const name = "@ml-pipelines/pipeline-utils";
    const again = tagTree(repository.source, repository.trees.get(name) ?? "", {
      tag: "v1.2.3",
      title: `${name} 1.2.3`,
    });
    expect(again).toBe(git(repository.bare, ["rev-parse", "v1.2.3^{commit}"]));
  });

  test("leave the repository's work tree and index alone", () => {
    expect(git(repository.source, ["status", "--porcelain"])).toBe("");
  });

  test("bring no workspace, catalog, script or development dependency along", () => {
    const folder = path.join(consumer.folder, "node_modules/@ml-pipelines");
    for (const name of readdirSync(folder)) {
      const manifest = readFileSync(path.join(folder, name, "package.json"), "utf8");
      expect(manifest).not.toMatch(/workspace:|catalog:|"scripts"|"devDependencies"/);
    }
    expect(readdirSync(folder).sort()).toEqual(["decision-tree", "local-s3", "pipeline-utils"]);
  });

  test("take a dataset and a model to a bucket and back", async () => {
    expect(await consumer.run("node", "round-trip.mjs")).toMatch(/^2 4 6$/m);
  });

  test("can be required from CommonJS", async () => {
    expect(await consumer.run("node", "common.cjs")).toBe(
      "d_1970-01-01T00:00:00.csv function function function\n",
    );
  });

  test("type-check in a strict project that checks their declarations too", async () => {
    expect(await consumer.typeCheck()).toBe("");
  });

  test.each(["pipeline-utils", "decision-tree", "local-s3"])(
    "take the room that the page states: %s",
    (name) => {
      const row =
        new RegExp(`^\\| ${name} +\\| ([\\d.]+) MB +\\| ([\\d.]+) MB[,:] (\\d+|no)`, "m").exec(page) ?? [];
      const [, itself, withDependencies, packages] = row.map((stated) =>
        stated === "no" ? 1 : Number(stated),
      );
      const found = installedSize(consumer.folder, `@ml-pipelines/${name}`);
      expect(found.packages).toBe(packages);
      expect(Math.abs(found.itself / Number(itself) - 1)).toBeLessThan(0.1);
      expect(Math.abs(found.withDependencies / Number(withDependencies) - 1)).toBeLessThan(0.1);
    },
  );

  test("put the program local-s3 on the path", async () => {
    expect(await consumer.run("npx", "--no-install", "local-s3", "--help")).toMatch(/--directory/);
  });
});
