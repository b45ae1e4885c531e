// Recorded times of a network's update or forward pass: where a fixed cost rules, where arithmetic, and where a GPU is faster.

import { choice, escape, put, wire } from "./parts.js";
import { chart, redraw, stops } from "./chart.js";
import { plot } from "./plot.js";

const TRAITS = ["recording", "batch", "width", "work"];
const many = (value) => value.toLocaleString("en");
const NAMES = { update: "One update (forward, backward, optimiser)", forward: "One forward pass" };
const TEXTS = { batch: (value) => `${many(value)} ${value === 1 ? "observation" : "observations"}`, width: (value) => `${many(value)} units` };
const WORK = [
  ["update", "one update"],
  ["forward", "one forward pass"],
];
const KINDS = { cpu: "processor", cuda: "GPU" };

/** Seconds as people say them, with two digits. */
export function duration(seconds) {
  const [unit, size] = [["s", 1], ["ms", 1e-3], ["µs", 1e-6]].find(([, each]) => seconds >= 0.9995 * each) ?? ["µs", 1e-6];
  const value = seconds / size;
  return `${value >= 99.5 ? many(Math.round(value)) : Number(value.toPrecision(2))}\u00a0${unit}`;
}

/** The device's [lower quartile, median, upper quartile] for each batch size at the chosen width. */
export function times({ recording, width, work }, device) {
  return recording.seconds[device][work][recording.widths.indexOf(width)];
}

/** The batch size from which on the GPU is faster: between two recorded ones, on the straight lines of the picture. */
export function crossover(state) {
  const { batches, seconds } = state.recording;
  if (!seconds.cuda) return null;
  const [cpu, cuda] = ["cpu", "cuda"].map((device) => times(state, device).map(([, median]) => Math.log(median)));
  const ahead = cpu.map((value, i) => value - cuda[i]);
  const last = ahead.findLastIndex((each) => each <= 0);
  if (last === ahead.length - 1) return Infinity;
  if (last < 0) return batches[0];
  const part = -ahead[last] / (ahead[last + 1] - ahead[last]);
  return Math.exp((1 - part) * Math.log(batches[last]) + part * Math.log(batches[last + 1]));
}

function axes({ recording }, size) {
  const { batches } = recording;
  const kept = size.width < 500 ? batches.filter((_, i) => (batches.length - 1 - i) % 2 === 0) : batches;
  const all = Object.values(recording.seconds).flatMap((works) => Object.values(works)).flat(2);
  const lowest = 10 ** Math.floor(Math.log10(Math.min(...all.map(([low]) => low))));
  const highest = 10 ** Math.ceil(Math.log10(Math.max(...all.map(([, , high]) => high))));
  const decades = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000].filter((each) => each >= lowest * 0.99 && each <= highest * 1.01);
  return plot({
    ...size,
    x: [batches[0], batches.at(-1)],
    y: [lowest, highest],
    logX: true,
    logY: true,
    xTicks: kept.map((each) => [each, many(each)]),
    yTicks: decades.map((each) => [each, duration(each)]),
    xLabel: "batch size (observations)",
    yLabel: "time of one call",
  });
}

// All widths of the only device, in the background: they show how the chosen one compares.
function others({ recording, work }, { line }) {
  if (recording.seconds.cuda) return "";
  return recording.seconds.cpu[work]
    .map((row) => `<path class="curve other" d="${line(row.map(([, median], i) => [recording.batches[i], median]))}"/>`)
    .join("");
}

function device(state, name, { line, X, Y }) {
  const { batches } = state.recording;
  const rows = times(state, name);
  const along = (place) => rows.map((row, i) => [batches[i], row[place]]);
  const second = name === "cuda" ? " second" : "";
  const [x, y] = [X(state.batch), Y(rows[batches.indexOf(state.batch)][1])];
  const band = `${line(along(0))}${line(along(2).reverse()).replace("M", "L")}z`;
  return `<path class="band${second}" d="${band}"/><path class="curve${second}" d="${line(along(1))}"/>
<circle class="dot${second}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="8"/>`;
}

function border(state, { X, top, bottom, left, right }) {
  const where = crossover(state);
  const { batches } = state.recording;
  if (where === null || where <= batches[0] || where > batches.at(-1)) return "";
  const x = X(where);
  const side = x > (left + right) / 2 ? ["end", -7, "processor faster"] : ["start", 7, "GPU faster"];
  return `<path class="mark" stroke-dasharray="4 4" d="M${x.toFixed(1)} ${top}V${bottom}"/>
<text class="told ${side[0]}" x="${x.toFixed(1)}" dx="${side[1]}" y="${top + 14}">${side[2]}</text>`;
}

function picture(state, size) {
  const found = axes(state, size);
  const devices = Object.keys(state.recording.seconds).map((name) => device(state, name, found));
  return `${found.frame}${others(state, found)}${border(state, found)}<path class="mark" d="M${found.X(state.batch).toFixed(1)} ${found.bottom}V${found.bottom - 8}"/>${devices.join("")}`;
}

const median = (state, name, batch = state.batch) => times(state, name)[state.recording.batches.indexOf(batch)][1];

// One device: what a larger batch would cost.
function alone(state) {
  const { batches } = state.recording;
  const larger = batches[batches.indexOf(state.batch) + 1];
  const now = `${NAMES[state.work]} takes <b>${duration(median(state, "cpu"))}</b>: ${duration(median(state, "cpu") / state.batch)} for each observation.`;
  if (!larger) return now;
  const more = larger / state.batch;
  const longer = median(state, "cpu", larger) / median(state, "cpu");
  const why = longer < Math.sqrt(more) ? "the fixed cost of a call rules" : "arithmetic fills the time";
  return `${now} A batch ${more} times as large takes ${longer.toFixed(1)} times as long: <b>${why}</b>.`;
}

function both(state) {
  const [cpu, cuda] = [median(state, "cpu"), median(state, "cuda")];
  const [faster, ratio] = cuda < cpu ? ["GPU", cpu / cuda] : ["processor", cuda / cpu];
  const where = crossover(state);
  const { batches } = state.recording;
  const border =
    where === Infinity
      ? "With this width the processor is faster at the largest batch, too."
      : where <= batches[0]
        ? "With this width the GPU is faster at every batch size."
        : `With this width the GPU is faster from a batch of about ${many(Number(where.toPrecision(2)))}.`;
  return `Processor: ${duration(cpu)}. GPU: ${duration(cuda)}. <b>Here the ${faster} is ${ratio < 9.95 ? ratio.toFixed(1) : many(Math.round(ratio))} times as fast.</b> ${border}`;
}

const reading = (state) => (state.recording.seconds.cuda ? both(state) : alone(state));

function legend({ recording }) {
  const keys = Object.entries(recording.devices).map(
    ([name, text]) => `<span><span class="key${name === "cuda" ? " second" : ""}"></span>${KINDS[name]}: ${escape(text)}</span>`,
  );
  return keys.join("");
}

function note({ recording }) {
  const { provenance, threads, seconds } = recording;
  const versions = provenance.packages?.torch ? `, PyTorch ${escape(provenance.packages.torch)}` : "";
  const source = `Recorded on ${escape(provenance.date)}${versions}, ${threads} ${threads === 1 ? "thread" : "threads"}: medians, with a band from the lower to the upper quartile.`;
  if (seconds.cuda) return source;
  return `${source} <b>No GPU was recorded yet.</b> Where there is one, for example on Colab, <code>python -m benchmarks.speed</code> records both. The thin lines are the other widths.`;
}

/** The figure as HTML text. */
export function markup(state) {
  const { recording, batch, width, work } = state;
  return chart({
    name: "speed",
    label: "Time of one call against the batch size, recorded",
    legend: legend(state),
    picture: (size) => picture(state, size),
    reading: reading(state),
    note: note(state),
    controls:
      stops({ trait: "batch", label: "Batch size", values: recording.batches, value: batch, text: TEXTS.batch }) +
      stops({ trait: "width", label: "Width of each layer", values: recording.widths, value: width, text: TEXTS.width }) +
      choice({ trait: "work", label: "Timed", options: WORK, value: work }).replace('class="', 'class="wide '),
  });
}

function render({ model, el }) {
  const update = (state) => {
    redraw(el, (size) => picture(state, size));
    put(el, ".upright-legend", legend(state));
    put(el, ".upright-reading", reading(state));
    put(el, ".upright-note", note(state));
  };
  return wire({ model, el, traits: TRAITS, markup, update, texts: TEXTS });
}

export default { render };
