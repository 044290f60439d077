/* global document */
const SVG = "http://www.w3.org/2000/svg";
/** From one name at the end of a line to the next. */
const LABEL_HEIGHT = 15;
/** From the end of a line to its name. */
const LABEL_GAP = 11;
/** Of the drawing's width, what names may take; those that are wider are cut short, and whole when pointed at. */
const LABEL_SHARE = 0.4;
const MARGIN = { left: 50, top: 10, bottom: 40 };
/** Told apart by colour, by dashes, and by the name at the end of each line. */
const COLOURS = ["#3b7dd8", "#c2571a", "#2e8b57", "#a259c4", "#b8860b", "#c23b5e", "#1f8a99"];
const DASHES = ["", "8 3", "2 3", "10 3 2 3", "5 5"];

function draw(tag, attributes, text) {
  const drawn = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) drawn.setAttribute(name, String(value));
  if (text !== undefined) drawn.textContent = text;
  return drawn;
}

/** What names are drawn as in the room that there is for them, and how wide the widest is. */
function fitLabels(container, names, room) {
  const probe = draw("text", { class: "product" });
  const svg = draw("svg", {});
  svg.append(probe);
  container.replaceChildren(svg);
  const widthOf = (text) => {
    probe.textContent = text;
    return probe.getComputedTextLength();
  };
  const labels = names.map((name) => cutShort(name, (text) => widthOf(text) <= room));
  return { labels, labelWidth: Math.max(...labels.map(widthOf)) };
}

/** As much of a text as fits, with an ellipsis where that is not all of it. */
function cutShort(text, fits) {
  if (fits(text)) return text;
  const characters = [...text];
  let [most, least] = [characters.length, 0];
  while (most - least > 1) {
    const middle = (most + least) >> 1;
    if (fits(`${characters.slice(0, middle).join("")}…`)) least = middle;
    else most = middle;
  }
  return `${characters.slice(0, least).join("")}…`;
}

/** Round steps that divide a range into about five. */
function ticksTo(maximum) {
  const rough = maximum / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.floor(maximum / step) + 1 }, (_, index) => index * step);
}

/** Where orders and hours are on the drawing. */
function scalesOf({ orders_placed: steps, est_hours_to_dispatch: curves }, mark, { height, right }) {
  const maxOrders = Math.max((steps.at(-1) ?? 0) * 1.1, mark?.orders ?? 0, 10);
  // One by one: as arguments of one call they may be more than a browser takes, Safari 65,536.
  const highest = (most, hours) => Math.max(most, hours);
  const maxHours =
    Object.values(curves)
      .flat()
      .reduce(highest, Math.max(mark?.hours ?? 0, 1)) * 1.05;
  const x = (orders) => MARGIN.left + (orders / maxOrders) * (right - MARGIN.left);
  const y = (hours) => height - MARGIN.bottom - (hours / maxHours) * (height - MARGIN.top - MARGIN.bottom);
  return { x, y, maxOrders, maxHours, height, right };
}

function axes({ x, y, maxOrders, maxHours, height, right }) {
  const [left, bottom] = [MARGIN.left, height - MARGIN.bottom];
  const format = (value) => String(Number(value.toPrecision(6)));
  return [
    ...ticksTo(maxHours).flatMap((hours) => [
      draw("line", { class: "grid", x1: left, x2: right, y1: y(hours), y2: y(hours) }),
      draw("text", { x: left - 8, y: y(hours) + 4, "text-anchor": "end" }, format(hours)),
    ]),
    ...ticksTo(maxOrders).map((orders) =>
      draw("text", { x: x(orders), y: bottom + 16, "text-anchor": "middle" }, format(orders)),
    ),
    draw("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }),
    draw("line", { class: "axis", x1: left, x2: left, y1: MARGIN.top, y2: bottom }),
    draw("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, "orders placed"),
    draw(
      "text",
      { transform: `translate(12 ${height / 2}) rotate(-90)`, "text-anchor": "middle" },
      "hours to dispatch",
    ),
  ];
}

/** How high each name stands: beside the end of its line, or as near as the other names leave room. */
function labelHeights(ends, { height }) {
  const lowest = height - MARGIN.bottom;
  const order = ends.map((_, index) => index).sort((a, b) => ends[a] - ends[b]);
  const heights = [];
  order.forEach((index, rank) => {
    const above = rank === 0 ? -Infinity : heights[order[rank - 1]];
    heights[index] = Math.max(ends[index], above + LABEL_HEIGHT);
  });
  // Those pushed out at the bottom, and whatever is in their way, back up.
  order.reverse().forEach((index, rank) => {
    const below = rank === 0 ? lowest + LABEL_HEIGHT : heights[order[rank - 1]];
    heights[index] = Math.min(heights[index], below - LABEL_HEIGHT);
  });
  return heights;
}

function curve([product, hours], index, steps, { x, y, maxOrders, right }, label) {
  const parts = hours.map((value, step) => {
    const end = steps[step + 1] ?? maxOrders;
    return `${step === 0 ? `M${x(0)} ${y(value)}` : `V${y(value)}`} H${x(end)}`;
  });
  const colour = COLOURS[index % COLOURS.length];
  const dashes = DASHES[index % DASHES.length];
  const name = draw("text", { class: "product", x: right + LABEL_GAP, y: label.height + 4 }, label.text);
  name.append(draw("title", {}, product));
  return [
    draw("path", {
      class: "curve",
      d: parts.join(" "),
      stroke: colour,
      "stroke-dasharray": dashes,
      "data-product": product,
    }),
    draw("line", { stroke: colour, x1: right, x2: right + 8, y1: y(hours.at(-1) ?? 0), y2: label.height }),
    name,
  ];
}

/**
 * Draw predicted hours against orders, one stepped line a product.
 *
 * @param container The element whose content is replaced, and whose width it takes.
 * @param curves What the API gives.
 * @param mark The last prediction, if any: `{ product, orders, hours }`.
 */
export function drawPlot(container, curves, mark) {
  const width = Math.max(container.clientWidth, 280);
  const products = Object.entries(curves.est_hours_to_dispatch);
  const height = Math.max(
    Math.round(Math.min(Math.max(width / 2, 240), 440)),
    products.length * LABEL_HEIGHT + MARGIN.top + MARGIN.bottom,
  );
  const names = products.map(([name]) => name);
  const { labels, labelWidth } = fitLabels(container, names, width * LABEL_SHARE);
  const scales = scalesOf(curves, mark, { height, right: width - LABEL_GAP - labelWidth });
  const ends = products.map(([, hours]) => scales.y(hours.at(-1) ?? 0));
  const heights = labelHeights(ends, scales);
  const summary = products.map(
    ([name, hours]) => `${name} from ${hours[0].toFixed(1)} to ${hours.at(-1).toFixed(1)} hours`,
  );
  const svg = draw("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-labelledby": "plot-label",
  });
  svg.append(
    draw("title", { id: "plot-label" }, `Predicted hours against orders placed: ${summary.join(", ")}.`),
    ...axes(scales),
    ...products.flatMap((product, index) =>
      curve(product, index, curves.orders_placed, scales, { text: labels[index], height: heights[index] }),
    ),
  );
  if (mark) {
    svg.append(
      draw("circle", { class: "marker", r: 6, cx: scales.x(mark.orders), cy: scales.y(mark.hours) }),
    );
  }
  container.replaceChildren(svg);
}
