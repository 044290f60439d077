import { expect, test } from "@jest/globals";
import { describeWithKubectl } from "./support/kubectl.js";
import { checkManifests } from "./support/manifests/check-manifests.js";
import { parseManifests } from "./support/manifests/parse-manifests.js";
import { renderOverlay } from "./support/manifests/render-overlay.js";

/** A mistake, made in the rendered manifests of production, and what is said of it. */
const MISTAKES: [name: string, right: string, wrong: string, said: RegExp][] = [
  [
    "an unknown field",
    "maxUnavailable: 0",
    "maxUnavailble: 0",
    /^Deployment\/serve-model: "maxUnavailble".*does not exist/,
  ],
  ["an unknown probe", "livenessProbe:", "livenesProbe:", /^Deployment.*livenesProbe.* does not exist/],
  ["an unknown field of a container", "- args:", "- argz:", /argz.* does not exist/],
  [
    "text for a number",
    "revisionHistoryLimit: 5",
    'revisionHistoryLimit: "5"',
    /^Deployment.*must be integer/,
  ],
  [
    "a number for text",
    'prometheus.io/port: "8000"',
    "prometheus.io/port: 8000",
    /^Deployment.*must be string/,
  ],
  [
    "a value that is not one of the list",
    "concurrencyPolicy: Forbid",
    "concurrencyPolicy: Never",
    /^CronJob.*must be equal to one of/,
  ],
  ["a quantity that is none", "memory: 512Mi", "memory: 512MiB", /^CronJob.*must match/],
  [
    "a required field that is missing",
    "schedule: 0 22 * * 5",
    "suspend: false",
    /^CronJob.*required.*schedule/,
  ],
  [
    "a version that was removed",
    "apiVersion: policy/v1\n",
    "apiVersion: policy/v1beta1\n",
    /policy\/v1beta1 PodDisruptionBudget is not served; expected policy\/v1$/,
  ],
  [
    "a schedule that never comes",
    "schedule: 0 22 * * 5",
    "schedule: 0 45 * * *",
    /"0 45 \* \* \*" is not a schedule/,
  ],
  ["a zone that is none", "timeZone: Etc/UTC", "timeZone: Mars/Base", /"Mars\/Base" is not a time zone/],
  [
    "a ConfigMap of another name",
    "        - configMapRef:\n            name: pipeline-settings",
    "        - configMapRef:\n            name: settings",
    /ConfigMap "settings-?\w*" does not exist/,
  ],
  [
    "an account of another name",
    "serviceAccountName: serve-model",
    "serviceAccountName: default",
    /ServiceAccount "default" does not exist/,
  ],
  ["a variable of another name", "- $(S3_BUCKET)", "- $(BUCKET)", /\$\(BUCKET\) is not in the environment/],
  [
    "a port of another name",
    "targetPort: http",
    "targetPort: web",
    /^Service.*no container has the port "web"/,
  ],
  [
    "an autoscaler of something else",
    "    kind: Deployment\n    name: serve-model",
    "    kind: Deployment\n    name: serve",
    /Deployment "serve" does not exist/,
  ],
  [
    "a selector that selects nothing",
    "  selector:\n    app.kubernetes.io/name: serve-model",
    "  selector:\n    app.kubernetes.io/name: served",
    /^Service.*selects no pods/,
  ],
  [
    "a failure policy for another container",
    "containerName: train",
    "containerName: trainer",
    /container "trainer" does not exist/,
  ],
  [
    "a mount without its volume",
    "- mountPath: /tmp\n          name: tmp",
    "- mountPath: /tmp\n          name: temp",
    /volume "temp" does not exist/,
  ],
  [
    "a secret that nobody makes",
    "secretName: time-to-dispatch-tls",
    "secretName: tls",
    /Secret "tls" is not one/,
  ],
];

describeWithKubectl("the strict checks", () => {
  test.each(MISTAKES)("finds %s", (_name, right, wrong, said) => {
    const rendered = renderOverlay("production");
    expect(rendered).toContain(right);
    expect(checkManifests(parseManifests(rendered.replace(right, wrong)))).toContainEqual(
      expect.stringMatching(said),
    );
  });
});
