import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { modulesOf, packagesIn } from "@ml-pipelines/test-support/bundled-packages";

/** Libraries that each program runs, and those that it never runs. */
const APPS = [
  {
    app: "time-to-dispatch-train",
    needs: ["@aws-sdk/client-s3", "apache-arrow", "ml-cart", "papaparse", "winston"],
    never: /parquet-wasm|fastify/,
  },
  {
    app: "time-to-dispatch-serve",
    needs: ["@aws-sdk/client-s3", "fastify", "ml-cart", "prom-client", "winston"],
    never: /arrow|parquet|papaparse/,
  },
];

interface Bill {
  bomFormat: string;
  components: { purl: string }[];
}
const parseBill: (text: string) => Bill = JSON.parse;

describe.each(APPS)("the bundle of $app", ({ app, needs, never }) => {
  const dist = path.join(import.meta.dirname, "../../apps", app, "dist");
  const read = (name: string): Promise<string> => readFile(path.join(dist, name), "utf8");

  test("contains the libraries that the program runs, and none of those that it never runs", async () => {
    const names = new Set(packagesIn(await modulesOf(dist)).map(({ name }) => name));
    expect([...names]).toEqual(expect.arrayContaining(needs));
    expect([...names].filter((name) => never.test(name))).toEqual([]);
  });

  test("includes the licence of every package in it", async () => {
    const licences = await read("THIRD-PARTY-LICENCES.txt");
    const missing = packagesIn(await modulesOf(dist)).filter(
      ({ name, version }) => !licences.includes(`${name} ${version} (`),
    );
    expect(missing).toEqual([]);
    expect(licences).toMatch(/^winston 3\.\S+ \(MIT\)\n\n[^=]*Permission is hereby granted/m);
  });

  test("lists the packages in it, each once, for scanners of images", async () => {
    const { bomFormat, components } = parseBill(await read("packages.cdx.json"));
    expect(bomFormat).toBe("CycloneDX");
    const listed = components.map(({ purl }) => purl);
    expect(new Set(listed).size).toBe(listed.length);
    const found = packagesIn(await modulesOf(dist)).map(
      ({ name, version }) => `pkg:npm/${name.replace("@", "%40")}@${version}`,
    );
    expect(listed).toEqual(expect.arrayContaining(found));
    expect(listed).toContainEqual(expect.stringMatching(/^pkg:npm\/%40aws-sdk\/client-s3@3\.\d+\.\d+$/));
  });
});
