import { once } from "node:events";
import { createServer } from "node:http";
import { NAMESPACE } from "./prometheus.js";

/** The part of kube-state-metrics that rules and dashboard read, for a CronJob that succeeded a minute ago. */
export class KubeStateMetrics {
  readonly #server = createServer((_, response) => {
    const now = Date.now() / 1_000;
    const labels = `{namespace="${NAMESPACE}",cronjob="train-model"}`;
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(
      `kube_cronjob_created${labels} ${now - 3_600}\n` +
        `kube_cronjob_spec_suspend${labels} 0\n` +
        `kube_cronjob_status_last_successful_time${labels} ${now - 60}\n`,
    );
  });

  /** @returns Its address, as `127.0.0.1:8080`. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
