// Which rewards still count: the weight gamma^t of each step's reward, and the return that they add up to.

import { number, put, slider, wire } from "./parts.js";
import { chart, redraw } from "./chart.js";
import { plot } from "./plot.js";

const TRAITS = ["gamma", "steps"];
const TEXTS = { gamma: (value) => number(value), steps: (value) => `${value} ${value === 1 ? "step" : "steps"}` };

const weights = ({ gamma, steps }) => Array.from({ length: steps }, (_, t) => gamma ** t);
const total = (state) => weights(state).reduce((sum, weight) => sum + weight, 0);
const counts = (weight) => weight >= 0.01;

function picture(state, size) {
  const { frame, X, Y, bottom, right } = plot({
    ...size,
    x: [0, state.steps],
    y: [0, 1],
    xLabel: "steps until the reward comes",
    yLabel: "weight of the reward",
  });
  const width = X(1) - X(0);
  const gap = width < 4 ? 0 : width * 0.1;
  const bars = weights(state).map((weight, t) => {
    const height = Math.max(bottom - Y(weight), 1.5);
    return `<rect class="bar${counts(weight) ? "" : " faint"}" x="${(X(t) + gap).toFixed(1)}" y="${(bottom - height).toFixed(1)}" width="${(width - 2 * gap).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  });
  return frame + bars.join("") + limit(state, { X, Y, right });
}

// Where the rewards stop to count.
function limit(state, { X, Y, right }) {
  const counted = weights(state).filter(counts).length;
  if (counted === state.steps) return "";
  const x = X(counted);
  const side = x > right - 150 ? ["end", -8] : ["start", 8];
  return `<path class="mark" stroke-dasharray="4 4" d="M${x.toFixed(1)} ${Y(0).toFixed(1)}V${Y(0.42).toFixed(1)}"/>
<text class="told ${side[0]}" x="${(x + side[1]).toFixed(1)}" y="${Y(0.42).toFixed(1)}" dy="12">weight below 0.01</text>`;
}

function reading(state) {
  const counted = weights(state).filter(counts).length;
  const many = counted === 1 ? "<b>Only the first</b> still counts: its" : `<b>The first ${counted}</b> still count: their`;
  const which =
    counted === state.steps ? "<b>All of them</b> count: each" : many;
  return `Return: <b>${number(total(state), 1)}</b> of ${state.steps} ${state.steps === 1 ? "reward" : "rewards"} of 1. ${which} weight is 0.01 or more.`;
}

/** The figure as HTML text. */
export function markup(state) {
  return chart({
    name: "discount",
    label: "Weight of each step's reward, by how far away it is",
    picture: (size) => picture(state, size),
    reading: reading(state),
    controls:
      slider({ trait: "gamma", label: "Discount factor gamma", min: 0, max: 1, step: 0.01, value: state.gamma }) +
      slider({ trait: "steps", label: "Length of the episode", min: 1, max: 200, step: 1, value: state.steps, text: TEXTS.steps }),
  });
}

function render({ model, el }) {
  const update = (state) => {
    redraw(el, (size) => picture(state, size));
    put(el, ".upright-reading", reading(state));
  };
  return wire({ model, el, traits: TRAITS, markup, update, texts: TEXTS });
}

export default { render };
