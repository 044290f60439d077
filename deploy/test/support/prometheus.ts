import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe } from "@jest/globals";
import { stringify } from "yaml";
import { freePort } from "@ml-pipelines/test-support/free-port";
import { at, list, text } from "./kube-object.js";

const hasPrometheus = spawnSync("prometheus", ["--version"]).status === 0;

/** Tests that run Prometheus itself; skipped, and said so, where there is none. */
export const describeWithPrometheus: typeof describe.skip = hasPrometheus ? describe : describe.skip;

if (!hasPrometheus) {
  process.stderr.write("SKIPPED: prometheus is not installed, so no rule and no dashboard is run here\n");
}

/** The namespace of all that it watches. */
export const NAMESPACE = "p";

/** A Prometheus that looks at services twice a second. */
export class Prometheus {
  private constructor(
    readonly folder: string,
    readonly url: string,
    readonly process: ChildProcess,
  ) {}

  /**
   * @param rules - The text of a file of rules.
   * @param targets - Addresses of services and exporters, as `127.0.0.1:8000`.
   */
  static async start(rules: string, targets: readonly string[]): Promise<Prometheus> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "prometheus-"));
    const labels = { namespace: NAMESPACE };
    // Labels of kube-state-metrics win, which come from other namespaces than its own.
    const services = { job_name: "services", honor_labels: true, static_configs: [{ targets, labels }] };
    const settings = {
      global: { scrape_interval: "500ms", evaluation_interval: "1s" },
      rule_files: ["rules.yaml"],
      scrape_configs: [services],
    };
    await writeFile(path.join(folder, "rules.yaml"), rules);
    await writeFile(path.join(folder, "prometheus.yml"), stringify(settings));
    const address = `127.0.0.1:${await freePort()}`;
    const args = ["--config.file=prometheus.yml", "--storage.tsdb.path=data"];
    const child = spawn("prometheus", [...args, `--web.listen-address=${address}`], {
      cwd: folder,
      stdio: "ignore",
    });
    const prometheus = new Prometheus(folder, `http://${address}`, child);
    const isReady = async () =>
      fetch(`${prometheus.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isReady())) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return prometheus;
  }

  /** @returns The samples of an expression, now. @throws {Error} Prometheus does not understand it. */
  async query(expression: string): Promise<unknown[]> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const answer: unknown = await response.json();
    if (!response.ok) {
      throw new Error(`${expression}: ${text(at(answer, "error"))}`);
    }
    return list(at(answer, "data", "result"));
  }

  /** @returns The names of the alerts that fire, sorted. */
  async firing(): Promise<string[]> {
    const found = await this.query('ALERTS{alertstate="firing"}');
    return [...new Set(found.map((sample) => text(at(sample, "metric", "alertname"))))].sort();
  }

  async stop(): Promise<void> {
    this.process.kill("SIGKILL");
    await once(this.process, "close");
    await rm(this.folder, { recursive: true, force: true });
  }
}
