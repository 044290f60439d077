/* global document, fetch, FormData */
import { drawPlot } from "./plot.js";

/** Addresses are relative: the page may stand behind a proxy that adds a prefix. */
const API = "api/v0.1";

const element = (id) => document.getElementById(id);

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
  throw new Error(Array.isArray(detail) ? detail.map(faultOf).join("; ") : detail);
}

const faultOf = ({ loc, msg }) => `${labelOf(String(loc.at(-1)))}: ${msg}`;

/** `orders_placed` as `Orders placed`. */
function labelOf(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function showFault(error) {
  element("fault").textContent = error.message;
  element("fault").hidden = false;
}

function showFields(features) {
  element("fields").replaceChildren(
    ...features.map((feature) => {
      const field = make("div", "", { class: "field" });
      const id = `field-${feature.name}`;
      field.append(make("label", labelOf(feature.name), { for: id }), controlOf(feature, id));
      return field;
    }),
  );
}

function controlOf({ name, type, categories, minimum, maximum }, id) {
  if (type === "category") {
    const select = make("select", "", { id, name });
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
let shown = { model: undefined, curves: undefined };

async function load() {
  const [model, curves] = await Promise.all([ask("model"), ask("model/curves")]);
  shown = { model, curves };
  showModel(model);
  showTable(curves);
  drawPlot(element("plot"), curves);
  element("plot-note").textContent =
    `What ${model.name} predicts: constant between ${curves.orders_placed.length} steps, and after the last.`;
}

async function predict(form) {
  const order = orderOf(form, shown.model.features);
  const { est_hours_to_dispatch: hours, hash } = await ask("time_to_dispatch", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  if (hash !== shown.model.hash) await load();
  const { product_code: product, orders_placed: orders } = order;
  element("prediction").textContent =
    `${hours.toFixed(2)} hours to dispatch for ${product} at ${orders} orders`;
  drawPlot(element("plot"), shown.curves, { product, orders, hours });
}

async function start() {
  await load();
  showFields(shown.model.features);
  const form = element("order");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    element("fault").hidden = true;
    element("prediction").textContent = "";
    predict(form).catch(showFault);
  });
}

start().catch(showFault);
