import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installableManifest } from "../release-pack.mjs";
import { git, releaseTag, remoteTags, tagTree } from "../release-tag.mjs";
import type { BackgroundProgram } from "./support/background-program.js";
import { installedSize } from "./support/installed-size.js";
import { COMMON_OUTPUT, Consumer, ROUND_TRIP_OUTPUT } from "./support/consumer.js";
import { TAGGED_PACKAGES, TaggedRepository } from "./support/tagged-repository.js";

const page = readFileSync(new URL("../../docs/installing-and-releasing.md", import.meta.url), "utf8");

const RETRY_PAUSE_MS = 50;
/** A newer model is served within a look, every 0.2 s. On a busy machine that takes many seconds. */
const SWAP_LIMIT_MS = 60_000;

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

describe("releaseTag", () => {
  test.each([
    ["@ml-pipelines/pipeline-utils", "v1.2.3"],
    ["@ml-pipelines/decision-tree", "decision-tree-v1.2.3"],
    ["@ml-pipelines/local-s3", "local-s3-v1.2.3"],
    ["@ml-pipelines/model-server", "model-server-v1.2.3"],
  ])("names %s by %s", (name, tag) => {
    expect(releaseTag({ name, version: "1.2.3" })).toBe(tag);
  });
});

describe("installableManifest", () => {
  test("removes scripts and development dependencies", () => {
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
    [{ b: "file:../b" }, /a: dependencies has b "file:\.\.\/b"/],
  ])("rejects a dependency that only this repository has: %j", (dependencies, message) => {
    expect(() => installableManifest({ name: "a", dependencies })).toThrow(message);
  });

  test("accepts a sibling as a peer by a plain range", () => {
    const packed = { name: "a", peerDependencies: { "@ml-pipelines/b": ">=0.1.0 <1.0.0" } };
    expect(installableManifest(packed)).toEqual(packed);
  });

  test.each(["workspace:^", "catalog:", "file:../b", "git+https://example.com/b.git#v1.0.0", "latest"])(
    "rejects a sibling as a peer by %s",
    (range) => {
      const peerDependencies = { "@ml-pipelines/b": range };
      expect(() => installableManifest({ name: "a", peerDependencies })).toThrow(
        `a: peerDependencies has @ml-pipelines/b "${range}", which no other project can install`,
      );
    },
  );
});

describe("a project that npm installs from all tags in one command", () => {
  let repository: TaggedRepository;
  let consumer: Consumer;

  beforeAll(async () => {
    repository = new TaggedRepository();
    consumer = new Consumer({});
    const tags = Object.values(repository.dependencies());
    const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
    await consumer.run("npm", "install", ...options, ...tags);
  }, 240_000);
  afterAll(() => {
    consumer.remove();
    repository.remove();
  });

  test("gets commits without parents, whose trees are the built packages", () => {
    expect([...remoteTags(repository.source, "origin")].sort()).toEqual([
      "decision-tree-v0.1.3",
      "local-s3-v0.1.3",
      "model-server-v0.1.3",
      "v0.1.3",
    ]);
    expect(git(repository.bare, ["rev-list", "--count", "v0.1.3"])).toBe("1");
    const files = git(repository.bare, ["ls-tree", "--name-only", "v0.1.3"]).split("\n");
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "dist", "package.json"]));
    expect(files).not.toContain("src");
    expect(git(repository.bare, ["log", "-1", "--format=%B", "v0.1.3"])).toMatch(
      /^@ml-pipelines\/pipeline-utils 0\.1\.3\n\nBuilt from [0-9a-f]{40}\./,
    );
  });

  test("gets the same commits when they are made again", () => {
    const name = "@ml-pipelines/pipeline-utils";
    const again = tagTree(repository.source, repository.trees.get(name) ?? "", {
      tag: "v0.1.3",
      title: `${name} 0.1.3`,
    });
    expect(again).toBe(git(repository.bare, ["rev-parse", "v0.1.3^{commit}"]));
  });

  test("leaves the repository's work tree and index unchanged", () => {
    expect(git(repository.source, ["status", "--porcelain"])).toBe("");
  });

  test("gets no workspace, catalog, script or development dependency", () => {
    const folder = path.join(consumer.folder, "node_modules/@ml-pipelines");
    for (const name of readdirSync(folder)) {
      const manifest = readFileSync(path.join(folder, name, "package.json"), "utf8");
      expect(manifest).not.toMatch(/workspace:|catalog:|"scripts"|"devDependencies"/);
    }
    expect(readdirSync(folder).sort()).toEqual(TAGGED_PACKAGES);
  });

  test("holds one copy of pipeline-utils", () => {
    expect(consumer.copiesOf("@ml-pipelines/pipeline-utils")).toHaveLength(1);
  });

  test("puts and gets a dataset and a model, and serves the model", async () => {
    expect(await consumer.run("node", "round-trip.mjs")).toMatch(ROUND_TRIP_OUTPUT);
  });

  test("requires the packages from CommonJS", async () => {
    expect(await consumer.run("node", "common.cjs")).toMatch(COMMON_OUTPUT);
  });

  test.each(TAGGED_PACKAGES)("takes the space that the page states: %s", (name) => {
    const row =
      new RegExp(`^\\| ${name} +\\| ([\\d.]+) MB +\\| ([\\d.]+) MB[,:] (\\d+|no)`, "m").exec(page) ?? [];
    const [, itself, withDependencies, packages] = row.map((stated) =>
      stated === "no" ? 1 : Number(stated),
    );
    const found = installedSize(consumer.folder, `@ml-pipelines/${name}`);
    expect(found.packages).toBe(packages);
    expect(Math.abs(found.itself / Number(itself) - 1)).toBeLessThan(0.1);
    expect(Math.abs(found.withDependencies / Number(withDependencies) - 1)).toBeLessThan(0.1);
  });

  test("runs the program local-s3 by name", async () => {
    expect(await consumer.run("npx", "--no-install", "local-s3", "--help")).toMatch(/--directory/);
  });

  describe("a service of at most 40 lines in that project", () => {
    let storage: BackgroundProgram;
    let service: BackgroundProgram;
    let address: string;
    const late = { distance: 10, express: false, size: "S" };
    const inTime = { ...late, express: true };

    function putModel(bias: number): Promise<string> {
      return consumer.run("node", "put-model.mjs", "deliveries", String(bias));
    }
    function get(route: string): Promise<Response> {
      return fetch(address + route);
    }
    /** On a busy machine the service asks clients to come back later. */
    async function post(route: string, body: unknown): Promise<Answer> {
      const headers = { "content-type": "application/json" };
      const response = await fetch(address + route, { method: "POST", headers, body: JSON.stringify(body) });
      const answer = await response.text();
      if (response.status === 503 && answer.includes("too busy")) {
        await sleep(RETRY_PAUSE_MS);
        return post(route, body);
      }
      const read: (text: string) => Answer["body"] = JSON.parse;
      return { status: response.status, body: read(answer) };
    }

    beforeAll(async () => {
      const bin = path.join(consumer.folder, "node_modules/.bin/local-s3");
      storage = consumer.start(bin, "--directory", "s3", "--bucket", "deliveries", "--port", "0");
      consumer.setVariables({
        AWS_ENDPOINT_URL_S3: await storage.address(),
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local-secret",
      });
      await putModel(0);
      const listening = ["--host", "127.0.0.1", "--port", "0", "--poll-seconds", "0.2"];
      service = consumer.start("node", "serve.mjs", "deliveries", ...listening);
      address = await service.address();
    });
    afterAll(async () => {
      await service.stop();
      await storage.stop();
    });

    test("serves a model type of its own by its signature", async () => {
      const lines = readFileSync(path.join(consumer.folder, "serve.mjs"), "utf8").trimEnd().split("\n");
      expect(lines.length).toBeLessThanOrEqual(40);
      expect(await post("/api/v1/late", late)).toEqual({
        status: 200,
        body: { late: "late", model_version: expect.stringMatching(/^name:delivery\|model_type:Logistic\|/) },
      });
      expect(await post("/api/v1/late", inTime)).toMatchObject({ status: 200, body: { late: "in time" } });
      expect(await post("/api/v1/late/batch", [late, inTime])).toMatchObject({
        status: 200,
        body: { late: ["late", "in time"] },
      });
    });

    test("rejects wrong requests with FastAPI's details", async () => {
      expect(await post("/api/v1/late", { distance: -1, express: "no", size: "XL" })).toEqual({
        status: 422,
        body: {
          detail: [
            {
              loc: ["body", "distance"],
              msg: "ensure this value is greater than or equal to 0.0",
              type: "value_error.number.not_ge",
              ctx: { limit_value: 0 },
            },
            {
              loc: ["body", "express"],
              msg: "value could not be parsed to a boolean",
              type: "type_error.bool",
            },
            expect.objectContaining({ loc: ["body", "size"], type: "type_error.enum" }),
          ],
        },
      });
    });

    test("documents itself and reports its health", async () => {
      const docs = await get("/docs");
      expect([docs.status, docs.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(await docs.text()).toContain("Late deliveries");
      expect(await (await get("/openapi.json")).json()).toMatchObject({
        info: { title: "Late deliveries" },
        paths: { "/api/v1/late": {}, "/api/v1/late/batch": {}, "/v2/models/{name}/infer": {} },
      });
      expect((await get("/readyz")).status).toBe(200);
    });

    test("counts the predictions of each class", async () => {
      const before = await classCount("late");
      await post("/api/v1/late", late);
      expect(await classCount("late")).toBe(before + 1);

      async function classCount(name: string): Promise<number> {
        const metrics = await (await get("/metrics")).text();
        return Number(
          new RegExp(`^model_predictions_total\\{class="${name}"\\} (\\d+)$`, "m").exec(metrics)?.[1] ?? 0,
        );
      }
    });

    test("speaks the Open Inference Protocol", async () => {
      const inputs = [
        { name: "distance", shape: [2], datatype: "FP64", data: [10, 10] },
        { name: "express", shape: [2], datatype: "BOOL", data: [false, true] },
        { name: "size", shape: [2], datatype: "BYTES", data: ["S", "S"] },
      ];
      expect(await post("/v2/models/delivery/infer", { inputs })).toMatchObject({
        status: 200,
        body: { outputs: [{ name: "late", datatype: "BYTES", shape: [2], data: ["late", "in time"] }] },
      });
    });

    test("follows a newer model, and exits with 0 on SIGTERM", async () => {
      await putModel(-10);
      const deadline = Date.now() + SWAP_LIMIT_MS;
      let answer = await post("/api/v1/late", late);
      while (answer.body.late === "late" && Date.now() < deadline) {
        await sleep(RETRY_PAUSE_MS);
        answer = await post("/api/v1/late", late);
      }
      expect(answer).toMatchObject({ status: 200, body: { late: "in time" } });
      expect(await service.stop()).toBe(0);
    });
  });
});
