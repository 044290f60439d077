/* global addEventListener, document, fetch, FormData, setTimeout */
import { drawPlot } from "./plot.js";

/** Addresses are relative: the page may stand behind a proxy that adds a prefix. */
const API = "api/v0.1";

/** In seconds: a service may look for models once a day, and find one sooner all the same. */
const LONGEST_WAIT = 30;

const element = (id) => document.getElementById(id);

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

/** An element with its text and attributes; text is never read as HTML. */
function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

async function ask(path, options) {
  const response = await fetch(`${API}/${path}`, options);
  const body = await response.json();
  if (response.ok) return { ...body, hash: response.headers.get("x-model-hash") };
  const { detail } = body;
  if (Array.isArray(detail)) throw new OrderError(detail);
  const retryAfter = response.headers.get("retry-after");
  throw retryAfter === null ? new Error(detail) : new LaterError(detail, Number(retryAfter) || LONGEST_WAIT);
}

/** What cannot be answered now: there is no model yet, or the service is too busy. */
class LaterError extends Error {
  constructor(detail, seconds) {
    super(detail);
    this.seconds = seconds;
  }
}

/** An order of which some fields are wrong. */
class OrderError extends Error {
  constructor(detail) {
    super(detail.map(({ loc, msg }) => `${labelOf(String(loc.at(-1)))}: ${msg}`).join("; "));
    this.messages = new Map(detail.map(({ loc, msg }) => [String(loc.at(-1)), msg]));
  }
}

/** `orders_placed` as `Orders placed`. */
function labelOf(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Say what is wrong beside the field that it is about, and go there; below the form where it is about none. */
function showFault(error) {
  const messages = error instanceof OrderError ? error.messages : new Map();
  const wrong = [...messages.keys()].map((name) => element(`field-${name}`)).filter(Boolean);
  for (const control of wrong) {
    control.setAttribute("aria-invalid", "true");
    showText(`fault-${control.name}`, messages.get(control.name));
  }
  if (wrong.length === 0) showText("fault", error.message);
  wrong[0]?.focus();
  // What is typed next replaces what is wrong; a list of options has no text to select.
  wrong[0]?.select?.();
}

function clearFaults(form) {
  for (const control of form.elements) control.removeAttribute("aria-invalid");
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

function showFields(features) {
  element("fields").replaceChildren(
    ...features.map((feature) => {
      const field = make("div", "", { class: "field" });
      const id = `field-${feature.name}`;
      const fault = { id: `fault-${feature.name}`, class: "fault", role: "alert", hidden: "" };
      field.append(
        make("label", labelOf(feature.name), { for: id }),
        controlOf(feature, id),
        make("p", "", fault),
      );
      return field;
    }),
  );
}

function controlOf({ name, type, categories, minimum, maximum }, id) {
  if (type === "category") {
    const select = make("select", "", { id, name, "aria-describedby": `fault-${name}` });
    select.append(...categories.map((category) => make("option", category, { value: category })));
    return select;
  }
  const bounds = {
    ...(minimum !== undefined && { min: minimum }),
    ...(maximum !== undefined && { max: maximum }),
  };
  return make("input", "", {
    id,
    name,
    type: "number",
    step: "any",
    inputmode: "decimal",
    "aria-describedby": `fault-${name}`,
    value: "100",
    ...bounds,
  });
}

/** What the form says, as the API takes it: a number that is none is sent as null, and the API says what is wrong with it. */
function orderOf(form, features) {
  const data = new FormData(form);
  return Object.fromEntries(
    features.map(({ name, type }) => {
      const text = String(data.get(name));
      return [name, type === "category" ? text : text === "" ? null : Number(text)];
    }),
  );
}

function showPairs(id, pairs) {
  element(id).replaceChildren(
    ...pairs.flatMap(([name, value]) => [make("dt", name), make("dd", String(value))]),
  );
}

function showModel(model) {
  showPairs("model", [
    ["Name", model.name],
    ["Type", model.model_type],
    ["Made", model.model_timestamp],
    ["Hash", model.model_hash],
    ["File", model.model_address],
    ["Trained on", `s3://${model.train_dataset.bucket}/${model.train_dataset.key}`],
    ["Hash of the dataset", model.train_dataset.hash],
    ["Commit of the pipeline", model.pipeline_git_commit_hash],
    ["Loaded", model.loaded_at],
  ]);
  const metrics = Object.entries(model.metrics).map(([name, value]) => [labelOf(name), value.toPrecision(4)]);
  showPairs("metrics", metrics.length > 0 ? metrics : [["None", "training stored none with the model"]]);
}

function showTable({ orders_placed: steps, est_hours_to_dispatch: curves }) {
  const table = make("table");
  const head = table.createTHead().insertRow();
  head.append(make("th", "Orders from", { scope: "col" }));
  for (const product of Object.keys(curves)) head.append(make("th", `${product}, hours`, { scope: "col" }));
  const body = table.createTBody();
  steps.forEach((step, index) => {
    const row = body.insertRow();
    row.append(make("th", String(Math.round(step * 100) / 100), { scope: "row" }));
    for (const hours of Object.values(curves)) row.append(make("td", hours[index].toFixed(2)));
  });
  element("curves-table").replaceChildren(table);
}

/** What is shown: replaced when a prediction turns out to be of another model. */
let shown = { model: undefined, curves: undefined, mark: undefined };

/** As wide as there is room, so that its text is of the same size everywhere. */
function plot() {
  drawPlot(element("plot"), shown.curves, shown.mark);
}

async function load() {
  const [model, curves] = await Promise.all([ask("model"), ask("model/curves")]);
  // Another was swapped in between the two, or they are of two replicas, which agree after the next look for models.
  if (model.hash !== curves.hash) {
    await pause(1);
    return load();
  }
  const isSameForm = JSON.stringify(model.features) === JSON.stringify(shown.model?.features);
  shown = { model, curves, mark: undefined };
  if (!isSameForm) showFields(model.features);
  showModel(model);
  showTable(curves);
  plot();
  element("plot-note").textContent =
    `What ${model.name} predicts: constant between ${curves.orders_placed.length} steps, and after the last.`;
}

async function predict(form) {
  const order = orderOf(form, shown.model.features);
  const { est_hours_to_dispatch: hours, model_version: version } = await ask("time_to_dispatch", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  // Not by its hash: the same tree may have been trained again, on other data.
  if (version !== shown.model.model_version) await load();
  const { product_code: product, orders_placed: orders } = order;
  element("prediction").textContent =
    `${hours.toFixed(2)} hours to dispatch for ${product} at ${orders} orders`;
  shown.mark = { product, orders, hours };
  plot();
}

/** Load the model, as soon as there is one. */
async function loadFirst() {
  for (;;) {
    try {
      await load();
      clearFaults(element("order"));
      return;
    } catch (error) {
      if (!(error instanceof LaterError)) throw error;
      // Said once: an alert whose text is set again is read out again.
      if (element("fault").hidden) showText("fault", `${error.message}: this page does, by itself.`);
      await pause(Math.min(error.seconds, LONGEST_WAIT));
    }
  }
}

async function start() {
  await loadFirst();
  addEventListener("resize", plot);
  const form = element("order");
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearFaults(form);
    element("prediction").textContent = "";
    predict(form).catch(showFault);
  });
}

start().catch(showFault);
