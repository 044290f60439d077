import { GetBucketVersioningCommand, HeadBucketCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";

import { callS3 } from "../aws/artefacts/call-s3.js";
import { findLatestArtefactOnS3 } from "../aws/artefacts/find-artefacts.js";
import { addressOf } from "../aws/artefacts/location.js";
import { MODELS_FOLDER } from "../aws/registry/list-models.js";
import { probeServer } from "../aws/registry/probe-server.js";
import { ArtefactNotFoundError, S3AccessError } from "../errors.js";
import { bucket, subcommand } from "./subcommand.js";
import { renderTable } from "./table.js";

/** S3 rejects requests of a clock that is 15 min off. */
const MAX_CLOCK_SECONDS = 300;
/** A service polls every 30 s by default. */
const SLOW_MILLISECONDS = 5_000;

/** The result of one examination. */
interface Finding {
  readonly check: string;
  /** `warning`: it works, and something is missing. */
  readonly status: "ok" | "warning" | "failed";
  readonly detail: string;
  /** The action to take; undefined if there is none. */
  readonly remedy?: string;
}

interface Patient {
  readonly bucket: string;
  readonly client: S3Client;
  /** The server's time of its last answer, minus the local time of its arrival; undefined before the first. */
  clockSeconds: number | undefined;
}

export const doctor = subcommand({
  words: "doctor",
  description:
    "Examines a bucket: permissions, region, clock, versions, conditional writes, time to the latest model. Writes registry/probe.json.",
  example: "my-bucket",
  arguments: { bucket },
  async run(values, { client }) {
    const patient: Patient = { bucket: values.bucket, client, clockSeconds: undefined };
    watchClock(patient);
    const findings: Finding[] = [];
    for (const examine of [listing, region, clock, versions, conditions, latest]) {
      findings.push(await examine(patient));
    }
    const rows = findings.map(({ status, check, detail, remedy = "" }) => [status, check, detail, remedy]);
    const isHealthy = findings.every(({ status }) => status !== "failed");
    const text = renderTable(["status", "check", "detail", "remedy"], rows);
    return { text, json: { ok: isHealthy, findings }, exitCode: isHealthy ? 0 : 2 };
  },
});

async function listing({ bucket: of, client }: Patient): Promise<Finding> {
  return orFailed("listing", "allow s3:ListBucket on the bucket, or correct its name", async () => {
    await callS3(client, addressOf(of), undefined, (options) =>
      client.send(new ListObjectsV2Command({ Bucket: of, MaxKeys: 1 }), options),
    );
    return { check: "listing", status: "ok", detail: "objects can be listed" };
  });
}

async function region({ bucket: of, client }: Patient): Promise<Finding> {
  const remedy = "allow s3:ListBucket, and set AWS_REGION to the bucket's region";
  return orFailed("region", remedy, async () => {
    const { BucketRegion } = await callS3(client, addressOf(of), undefined, (options) =>
      client.send(new HeadBucketCommand({ Bucket: of }), options),
    );
    const own = await client.config.region();
    if (BucketRegion === undefined) {
      return { check: "region", status: "ok", detail: `${own}; the server tells none` };
    }
    return BucketRegion === own
      ? { check: "region", status: "ok", detail: own }
      : {
          ...{
            check: "region",
            status: "failed",
            detail: `the bucket is in ${BucketRegion}, AWS_REGION is ${own}`,
          },
          remedy: `set AWS_REGION=${BucketRegion}`,
        };
  });
}

async function clock({ clockSeconds }: Patient): Promise<Finding> {
  if (clockSeconds === undefined) {
    return { check: "clock", status: "warning", detail: "the server does not tell its time" };
  }
  const off = Math.abs(clockSeconds);
  const detail = `this machine's clock is ${off.toFixed(0)} s ${clockSeconds < 0 ? "ahead of" : "behind"} the server's`;
  return off <= MAX_CLOCK_SECONDS
    ? { check: "clock", status: "ok", detail: off < 2 ? "agrees with the server's" : detail }
    : {
        check: "clock",
        status: "failed",
        detail,
        remedy: "synchronise this machine's clock, for example by NTP",
      };
}

async function versions({ bucket: of, client }: Patient): Promise<Finding> {
  const check = "versions";
  try {
    const { Status } = await callS3(client, addressOf(of), undefined, (options) =>
      client.send(new GetBucketVersioningCommand({ Bucket: of }), options),
    );
    if (Status === "Enabled") {
      return { check, status: "ok", detail: "the bucket keeps versions" };
    }
    const detail = "the bucket keeps no versions: an overwritten dataset is lost";
    const remedy = `aws s3api put-bucket-versioning --bucket ${of} --versioning-configuration Status=Enabled`;
    return { check, status: "warning", detail, remedy };
  } catch (error) {
    return { check, status: "warning", detail: reasonOf(error), remedy: "allow s3:GetBucketVersioning" };
  }
}

async function conditions({ bucket: of, client }: Patient): Promise<Finding> {
  const check = "conditional writes";
  try {
    const { server, createOnly, ifMatch } = await probeServer(of, { client });
    const works = createOnly && (ifMatch === "quoted" || ifMatch === "unquoted");
    const detail = `${server}: If-None-Match is ${createOnly ? "kept" : "ignored"}, If-Match is ${works ? `kept (${ifMatch})` : ifMatch}`;
    return works
      ? { check, status: "ok", detail }
      : {
          check,
          status: "failed",
          detail,
          remedy: "aliases cannot be kept here: use a server that keeps conditions",
        };
  } catch (error) {
    const remedy = "only for accounts that promote: allow s3:PutObject and s3:GetObject on registry/*";
    return { check, status: "warning", detail: reasonOf(error), remedy };
  }
}

async function latest({ bucket: of, client }: Patient): Promise<Finding> {
  const check = "latest model";
  const remedy = `allow s3:ListBucket for the prefix ${MODELS_FOLDER}/`;
  const start = performance.now();
  const elapsed = (): string => `${(performance.now() - start).toFixed(0)} ms`;
  return orFailed(check, remedy, async () => {
    try {
      const { key } = await findLatestArtefactOnS3("json", of, { folder: MODELS_FOLDER, client });
      const detail = `found ${key} in ${elapsed()}`;
      return performance.now() - start < SLOW_MILLISECONDS
        ? { check, status: "ok", detail }
        : { check, status: "warning", detail, remedy: "run nearer to the bucket, and prune old models" };
    } catch (error) {
      if (!(error instanceof ArtefactNotFoundError)) {
        throw error;
      }
      return {
        check,
        status: "warning",
        detail: `${error.message}, in ${elapsed()}`,
        remedy: "train a model",
      };
    }
  });
}

async function orFailed(check: string, remedy: string, examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine();
  } catch (error) {
    if (error instanceof S3AccessError) {
      return { check, status: "failed", detail: error.message, remedy };
    }
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof S3AccessError) {
    return error.message;
  }
  throw error;
}

/** Compare the Date header of each answer with the local clock. */
function watchClock(patient: Patient): void {
  patient.client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = Date.parse(dateOf(result.response));
      if (!Number.isNaN(date)) {
        patient.clockSeconds = (date - Date.now()) / 1_000;
      }
      return result;
    },
    { step: "deserialize", priority: "low", name: "pipelineUtilsClock" },
  );
}

function dateOf(response: unknown): string {
  const hasHeaders = typeof response === "object" && response !== null && "headers" in response;
  const headers: unknown = hasHeaders ? response.headers : undefined;
  const date: unknown =
    typeof headers === "object" && headers !== null && "date" in headers ? headers.date : "";
  return typeof date === "string" ? date : "";
}
