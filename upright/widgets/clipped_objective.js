// PPO's objective for one action, min(r·A, clip(r, 1 − ε, 1 + ε)·A), and where it stops to push: Schulman et al. (2017), eq. 7.

import { number, put, slider, wire } from "./parts.js";
import { chart, redraw } from "./chart.js";
import { plot } from "./plot.js";

const TRAITS = ["epsilon", "ratio", "advantage"];
const TEXTS = { advantage: (value) => (value > 0 ? "+" : "") + number(value, 1) };
const LARGEST = 2.5;
const ALMOST = 1e-9; // 1 + 0.2 is not the 1.2 of a slider

const LEGEND =
  '<span><span class="key"></span>with the clip</span><span><span class="key second"></span>without</span><span><span class="key shade"></span>flat: no push</span>';

/** The objective, without the clip and with it. */
export function objective({ epsilon, advantage }, ratio) {
  const clipped = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilon);
  return { plain: ratio * advantage, clipped: Math.min(ratio * advantage, clipped * advantage) };
}

/** The ratios at which the objective is flat, [lowest, highest], as far as the picture shows them; or nothing. */
export function flat({ epsilon, advantage }) {
  if (advantage > 0 && 1 + epsilon < LARGEST - ALMOST) return [1 + epsilon, LARGEST];
  if (advantage < 0 && 1 - epsilon > ALMOST) return [0, 1 - epsilon];
  return null;
}

/** The slope of the objective at the ratio: the direction in which the update pushes. */
export function slope(state) {
  const range = flat(state);
  if (!range) return state.advantage;
  const beyond = state.advantage > 0 ? state.ratio > range[0] + ALMOST : state.ratio < range[1] - ALMOST;
  return beyond ? 0 : state.advantage;
}

// The flat part: shaded, hatched and named.
function shade(state, { X, top, bottom }) {
  const range = flat(state);
  if (!range) return "";
  const [from, to] = range.map(X);
  const box = `x="${from.toFixed(1)}" y="${top}" width="${(to - from).toFixed(1)}" height="${bottom - top}"`;
  const name = to - from < 50 ? "" : `<text class="told" x="${((from + to) / 2).toFixed(1)}" y="${state.advantage > 0 ? bottom - 12 : top + 40}">no push</text>`;
  return `<rect class="shade" ${box}/>${name}`;
}

// The two limits of the clip, where they are in the picture.
function limits({ epsilon }, { X, top, bottom }) {
  const each = (ratio, name, side) => {
    if (ratio < 0 || ratio > LARGEST) return "";
    const x = X(ratio).toFixed(1);
    const outside = ratio < 0.35 || ratio > LARGEST - 0.35;
    const anchor = (side === "end") === outside ? "start" : "end";
    return `<path class="mark" stroke-dasharray="4 4" d="M${x} ${top}V${bottom}"/>
<text class="told ${anchor}" x="${x}" dx="${anchor === "start" ? 5 : -5}" y="${top + 14}">${name}</text>`;
  };
  return each(1 - epsilon, "1 − ε", "end") + each(1 + epsilon, "1 + ε", "start");
}

// Where the update pushes the ratio; a slope of nothing has no arrow.
function arrow(state, { X, Y }) {
  const push = slope(state);
  const [x, y] = [X(state.ratio), Y(objective(state, state.ratio).clipped)];
  const dot = `<circle class="dot" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="9"/>`;
  if (push === 0) return dot;
  const way = Math.sign(push);
  const length = Math.min(Math.max(x + way * (24 + 34 * Math.abs(push)), X(0)), X(LARGEST)) - x - way * 12;
  if (way * length < 12) return dot;
  return `<path class="push second" d="M${(x + way * 12).toFixed(1)} ${y.toFixed(1)}h${length.toFixed(1)}m${-8 * way} -7l${8 * way} 7l${-8 * way} 7"/>${dot}`;
}

function picture(state, size) {
  const axes = plot({ ...size, x: [0, LARGEST], y: [-LARGEST, LARGEST], xLabel: "probability ratio r", yLabel: "objective" });
  const ratios = [0, 1 - state.epsilon, 1 + state.epsilon, LARGEST].filter((ratio) => ratio >= 0 && ratio <= LARGEST);
  const path = (kind) => axes.line(ratios.map((ratio) => [ratio, objective(state, ratio)[kind]]));
  return `${shade(state, axes)}${axes.frame}${limits(state, axes)}
<path class="curve second" d="${path("plain")}"/><path class="curve thick" d="${path("clipped")}"/>${arrow(state, axes)}`;
}

function reading(state) {
  const { epsilon, ratio, advantage } = state;
  if (advantage === 0) return "Advantage 0: the action was neither better nor worse than usual. <b>The update does not push it.</b>";
  const good = advantage > 0;
  const start = `The action went ${good ? "well" : "badly"}. `;
  const limit = number(good ? 1 + epsilon : 1 - epsilon);
  if (slope(state) === 0) {
    return `${start}<b>The update stops pushing here</b>: the line is flat ${good ? "above" : "below"} ${limit}. There is no more to gain.`;
  }
  if (epsilon >= 1 && !good) {
    return `${start}<b>The clip does nothing:</b> no ratio lies below ${limit}, so nothing is flat. One batch may push the action's probability down to zero.`;
  }
  if (epsilon >= 1) {
    return `${start}<b>The clip does almost nothing:</b> one batch may push the action until it is ${limit} times as likely as before.`;
  }
  if (epsilon === 0 && ratio === 1) return `${start}With ε = 0 <b>the first small step ends the push</b>: everything beyond it is flat.`;
  const wrong = good ? ratio < 1 : ratio > 1;
  const push = good ? "<b>up</b>: the action becomes more likely" : "<b>down</b>: the action becomes less likely";
  return `${start}The update pushes its ratio ${push}, until ${limit}.${wrong ? " So a mistake of earlier steps can be undone." : ""}`;
}

/** The figure as HTML text. */
export function markup(state) {
  const { epsilon, ratio, advantage } = state;
  return chart({
    name: "clipped-objective",
    label: "PPO's objective against the probability ratio, without the clip and with it",
    picture: (size) => picture(state, size),
    legend: LEGEND,
    reading: reading(state),
    controls:
      slider({ trait: "epsilon", label: "Epsilon ε", min: 0, max: 1.5, step: 0.05, value: epsilon }) +
      slider({ trait: "ratio", label: "Ratio r", min: 0, max: LARGEST, step: 0.05, value: ratio }) +
      slider({ trait: "advantage", label: "Advantage of the action", min: -1, max: 1, step: 0.1, value: advantage, text: TEXTS.advantage }),
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
