/* global addEventListener, document, FormData, setTimeout, URLSearchParams */
import { fetchWithKey } from "./api-key.js";
import { drawPlot } from "./plot.js";
import {
  extrapolationInWords,
  faultInWords,
  inWords,
  labelOf,
  labelWithUnit,
  timeWithAge,
  yesOrNo,
} from "./words.js";

/** Addresses are relative: the page may stand behind a proxy that adds a prefix. */
const { route: ROUTE, prediction: PREDICTION } = document.documentElement.dataset;
const BESIDE = ROUTE.slice(0, ROUTE.lastIndexOf("/") + 1);
const MODEL = `${BESIDE}model`;

/** In seconds: a service may look for models once a day, and find one sooner all the same. */
const LONGEST_WAIT = 30;

const element = (id) => document.getElementById(id);

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

/** An element with its text and attributes; text is never read as HTML. */
function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  return made;
}

/** @returns The body of the answer, the hash of the model that gave it, and the inputs that it was not trained for. */
async function ask(path, options) {
  const response = await fetchWithKey(path, options).catch(() => {
    throw new Error("The service does not answer. Try again in a moment.");
  });
  const body = await response.json().catch(() => {
    throw new Error(
      `The service's answer cannot be read (status ${response.status}). Try again in a moment.`,
    );
  });
  if (response.ok) {
    const { headers } = response;
    return { body, hash: headers.get("x-model-hash"), extrapolates: headers.get("x-model-extrapolates") };
  }
  const { detail } = body;
  if (Array.isArray(detail)) {
    throw new InputError(detail);
  }
  if (response.status === 409) {
    throw new UnexplainedError(detail);
  }
  const retryAfter = response.headers.get("retry-after");
  throw retryAfter === null ? new Error(detail) : new LaterError(detail, Number(retryAfter) || LONGEST_WAIT);
}

/** There is no model yet, or the service is too busy. */
class LaterError extends Error {
  constructor(detail, seconds) {
    super(detail);
    this.seconds = seconds;
  }
}

/** The model cannot explain its predictions. */
class UnexplainedError extends Error {}

/** Some fields of the input are wrong. */
class InputError extends Error {
  constructor(detail) {
    const faults = detail.map((fault) => {
      const name = String(fault.loc.at(-1));
      const feature = shown.model?.features.find((each) => each.name === name);
      return [name, faultInWords(feature, fault)];
    });
    super(faults.map(([name, words]) => `${labelOf(name)}: ${words}`).join("; "));
    this.messages = new Map(faults);
  }
}

/** Show each fault beside its field and go to the first; below the form if there is no such field. */
function showFault(error) {
  const messages = error instanceof InputError ? error.messages : new Map();
  const wrong = [...messages.keys()].map((name) => element(`field-${name}`)).filter(Boolean);
  for (const control of wrong) {
    control.setAttribute("aria-invalid", "true");
    showText(`fault-${control.name}`, messages.get(control.name));
  }
  if (wrong.length === 0) {
    showText("fault", error.message);
  }
  wrong[0]?.focus();
  // The next keys replace the wrong text; a list of options has no text to select.
  wrong[0]?.select?.();
}

function clearFaults(form) {
  for (const control of form.elements) {
    control.removeAttribute("aria-invalid");
  }
  for (const fault of document.querySelectorAll("#fault, form .fault")) {
    // Hidden text still describes its field to a screen reader.
    fault.textContent = "";
    fault.hidden = true;
  }
}

function showText(id, text) {
  element(id).textContent = text;
  element(id).hidden = false;
}

/** @param typical - The values to start with, by name: those most often seen in training. */
function showFields(features, typical) {
  element("fields").replaceChildren(
    ...features.map((feature) => {
      const field = make("div", "", { class: "field" });
      const id = `field-${feature.name}`;
      field.append(
        make("label", labelWithUnit(feature), { for: id }),
        controlOf(feature, id, typical[feature.name]),
      );
      if (feature.description !== undefined) {
        field.append(make("p", feature.description, { id: `hint-${feature.name}`, class: "hint" }));
      }
      field.append(make("p", "", { id: `fault-${feature.name}`, class: "fault", role: "alert", hidden: "" }));
      return field;
    }),
  );
}

function controlOf({ name, type, categories, minimum, maximum, integer, description }, id, start) {
  const hint = description === undefined ? "" : ` hint-${name}`;
  const shared = { id, name, "aria-describedby": `fault-${name}${hint}` };
  if (type !== "number") {
    const select = make("select", "", shared);
    const values = type === "boolean" ? ["false", "true"] : categories;
    select.append(
      ...values.map((value) => make("option", type === "boolean" ? yesOrNo(value) : value, { value })),
    );
    select.value = String(start);
    return select;
  }
  const bounds = {
    ...(minimum !== undefined && { min: minimum }),
    ...(maximum !== undefined && { max: maximum }),
  };
  const step = integer ? "1" : "any";
  return make("input", "", {
    ...shared,
    ...{ type: "number", step, inputmode: "decimal", value: String(start) },
    ...bounds,
  });
}

/** The form's values as the API takes them. An empty or unreadable number is sent as null, and the API names the fault. */
function inputOf(form, features) {
  const data = new FormData(form);
  return Object.fromEntries(features.map(({ name, type }) => [name, valueOf(String(data.get(name)), type)]));
}

function valueOf(text, type) {
  if (type === "category") {
    return text;
  }
  if (type === "boolean") {
    return text === "true";
  }
  return text === "" ? null : Number(text);
}

function showPairs(id, pairs) {
  element(id).replaceChildren(
    ...pairs.flatMap(([name, value]) => [make("dt", name), make("dd", String(value))]),
  );
}

function showModel(model) {
  const { timestamp } = model.train_dataset;
  showPairs("model", [
    ["Name", model.name],
    ["Type", model.model_type],
    ["Made", timeWithAge(model.model_timestamp)],
    ["Hash", model.model_hash],
    ["File", model.model_address],
    ["Trained on", `s3://${model.train_dataset.bucket}/${model.train_dataset.key}`],
    ...(timestamp === undefined ? [] : [["Data of", timeWithAge(timestamp)]]),
    ["Hash of the dataset", model.train_dataset.hash],
    ["Commit of the pipeline", model.pipeline_git_commit_hash],
    ["Loaded", timeWithAge(model.loaded_at)],
  ]);
  const metrics = Object.entries(model.metrics).map(([name, value]) => [labelOf(name), value.toPrecision(4)]);
  showPairs("metrics", metrics.length > 0 ? metrics : [["None", "training stored none with the model"]]);
}

/** What became of each model, in words. */
const STATUS_WORDS = {
  served: "served now",
  refused: "refused",
  newer: "newer, and not served",
  earlier: "before it",
};

/** The newest models, and why the newest is refused if it is. A service whose storage does not answer has no list. */
async function showModels() {
  const models = await ask(`${BESIDE}models`).then(
    ({ body }) => body.models,
    () => [],
  );
  element("models").hidden = models.length === 0;
  const [newest] = models;
  element("refused").hidden = newest?.status !== "refused";
  element("refused").textContent =
    newest?.status === "refused" ? `The newest model is refused. ${newest.reason}` : "";
  const table = make("table");
  const head = table.createTHead().insertRow();
  head.append(...["Made", "File", "Status"].map((title) => make("th", title, { scope: "col" })));
  const body = table.createTBody();
  for (const { address, timestamp, status, reason } of models) {
    const why = reason === undefined ? "" : `: ${reason}`;
    const cells = [timeWithAge(timestamp), address, `${STATUS_WORDS[status]}${why}`];
    body.insertRow().append(...cells.map((text) => make("td", text)));
  }
  element("models-table").replaceChildren(table);
}

/** The model, its curves and the last prediction that are shown. Another model's prediction replaces them. */
let shown = { model: undefined, curves: undefined, mark: undefined };

const unitOf = (model) => model.target?.unit;

/** The curves as they are drawn: steps, and a line for each value of one other feature. */
function curvesOf(body, { name: feature }, { target, features, exact_curves: isExact }) {
  const classes = target?.type === "category" ? target.categories : undefined;
  const unit = target?.unit;
  const { [feature]: steps, [PREDICTION]: lines } = body;
  // As the service chooses it: the category or boolean feature with the fewest values.
  const names = Object.keys(lines).sort().join();
  const lineFeature = features.find(({ type, categories = ["false", "true"] }) => {
    return type !== "number" && [...categories].sort().join() === names;
  });
  return {
    feature: features.find(({ name }) => name === feature),
    steps,
    lines,
    isExact,
    classes,
    unit,
    lineFeature,
  };
}

function showTable({ feature, steps, lines, unit }) {
  const table = make("table");
  const head = table.createTHead().insertRow();
  head.append(make("th", `${labelOf(feature.name)} from`, { scope: "col" }));
  for (const name of Object.keys(lines)) {
    head.append(make("th", unit === undefined ? name : `${name}, ${unit}`, { scope: "col" }));
  }
  const body = table.createTBody();
  steps.forEach((step, index) => {
    const row = body.insertRow();
    row.append(make("th", String(Number(step.toPrecision(5))), { scope: "row" }));
    for (const values of Object.values(lines)) {
      row.append(make("td", inWords(values[index], undefined)));
    }
  });
  element("curves-table").replaceChildren(table);
}

/** As wide as there is room, so that its text is of the same size everywhere. */
function plot() {
  if (shown.curves !== undefined) {
    drawPlot(element("plot"), shown.curves, shown.mark);
  }
}

function showCurves() {
  const { curves, model } = shown;
  element("curves").hidden = curves === undefined;
  if (curves === undefined) {
    return;
  }
  const target = labelOf(PREDICTION);
  element("curves-title").textContent = `${target} against ${labelOf(curves.feature.name).toLowerCase()}`;
  showTable(curves);
  plot();
  element("plot-note").textContent = curves.isExact
    ? `Predictions of ${model.name}, constant between ${curves.steps.length} steps, and after the last.`
    : `Predictions of ${model.name} at ${curves.steps.length} points.`;
}

/** Let people choose the feature, where there are several. */
function showFeatures(numbers) {
  element("curve-feature").hidden = numbers.length < 2;
  element("curve-feature-name").replaceChildren(
    ...numbers.map(({ name }) => make("option", labelOf(name), { value: name })),
  );
}

async function load() {
  const { body: model, hash } = await ask(MODEL);
  const numbers = model.features.filter(({ type }) => type === "number");
  const isSameForm = JSON.stringify(model.features) === JSON.stringify(shown.model?.features);
  const chosen = isSameForm ? element("curve-feature-name").value : "";
  const feature = numbers.find(({ name }) => name === chosen) ?? numbers[0];
  const curves = feature && (await ask(`${MODEL}/curves?${new URLSearchParams({ feature: feature.name })}`));
  // Another model was swapped in between the two, or they are of two replicas, which agree after the next look for models.
  if (curves !== undefined && curves.hash !== hash) {
    await pause(1);
    return load();
  }
  shown = { model, curves: curves && curvesOf(curves.body, feature, model), mark: undefined };
  if (!isSameForm) {
    showFields(model.features, model.typical);
    showFeatures(numbers);
  }
  showModel(model);
  showCurves();
  await showModels();
}

/** The line that an input is on; undefined if a further feature has a value that the curves do not show. */
function markOf(input, value) {
  const { curves } = shown;
  if (curves === undefined) {
    return undefined;
  }
  const { feature, lineFeature, lines } = curves;
  const line = lineFeature === undefined ? Object.keys(lines)[0] : String(input[lineFeature.name]);
  return { line, at: input[feature.name], value };
}

/** Why and how sure as well, unless the model cannot explain; another one may have been swapped in meanwhile. */
async function askPrediction(input) {
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  };
  if (!shown.model.explains) {
    return ask(ROUTE, request);
  }
  try {
    return await ask(`${ROUTE}?explain=true`, request);
  } catch (error) {
    if (!(error instanceof UnexplainedError)) {
      throw error;
    }
    return ask(ROUTE, request);
  }
}

async function predict(form) {
  const { features } = shown.model;
  const input = inputOf(form, features);
  const { body, extrapolates } = await askPrediction(input);
  const { [PREDICTION]: value, model_version: version } = body;
  // Not by its hash: the same model may have been trained again, on other data.
  if (version !== shown.model.model_version) {
    await load();
  }
  const inputs = features.map(({ name, type }) => {
    return `${labelOf(name).toLowerCase()} ${type === "boolean" ? yesOrNo(input[name]) : input[name]}`;
  });
  element("prediction").textContent = `${inWords(value, unitOf(shown.model))} for ${inputs.join(", ")}`;
  if (extrapolates !== null) {
    element("prediction").append(make("span", extrapolationInWords(extrapolates), { class: "caution" }));
  }
  showWhy(body, input);
  shown.mark = markOf(input, value);
  plot();
}

/** How sure the prediction is, and why it is not the mean: a sentence for each feature, the largest share first. */
function showWhy({ interval, explanation }, input) {
  element("why").hidden = explanation === undefined;
  if (explanation === undefined) {
    return;
  }
  const unit = unitOf(shown.model);
  const { mean, contributions, path = [] } = explanation;
  element("interval").textContent =
    interval === undefined
      ? ""
      : `${Math.round(interval.level * 100)} % of true values lie between ${inWords(interval.low)} and ${inWords(interval.high, unit)} for such predictions.`;
  element("mean").textContent = `Why: the mean prediction is ${inWords(mean, unit)}.`;
  const largestFirst = Object.entries(contributions).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  element("contributions").replaceChildren(
    ...largestFirst.map(([name, share]) => {
      const change =
        share === 0
          ? "changes nothing"
          : `${share > 0 ? "adds" : "takes off"} ${inWords(Math.abs(share), unit)}`;
      return make("li", `${labelOf(name)} ${input[name]} ${change}.`);
    }),
  );
  element("path").hidden = path.length === 0;
  element("decisions").replaceChildren(
    ...path.map(({ words, samples, mean: ofNode }) => {
      return make("li", `${words}: ${samples} training rows, mean ${inWords(ofNode, unit)}`);
    }),
  );
}

/** Load the model, as soon as there is one. */
async function loadFirst() {
  for (;;) {
    try {
      await load();
      clearFaults(element("input"));
      return;
    } catch (error) {
      if (!(error instanceof LaterError)) {
        throw error;
      }
      // Said once: an alert whose text is set again is read out again.
      if (element("fault").hidden) {
        showText("fault", `${error.message}: this page does, by itself.`);
      }
      await pause(Math.min(error.seconds, LONGEST_WAIT));
    }
  }
}

async function start() {
  await loadFirst();
  addEventListener("resize", plot);
  element("curve-feature-name").addEventListener("change", () => {
    load().catch(showFault);
  });
  const form = element("input");
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearFaults(form);
    element("prediction").textContent = "";
    element("why").hidden = true;
    predict(form).catch(showFault);
  });
}

start().catch(showFault);
