// Which rewards still count: the weight gamma^t of each step's reward, and the return that they add up to.

import { figure, number, put, slider, wire } from "./parts.js";
import { plot } from "./plot.js";

const TRAITS = ["gamma", "steps"];
const TEXTS = { gamma: (value) => number(value), steps: (value) => `${value} steps` };

const weights = ({ gamma, steps }) => Array.from({ length: steps }, (_, t) => gamma ** t);
const total = (state) => weights(state).reduce((sum, weight) => sum + weight, 0);

function picture(state) {
  const { frame, X, Y, bottom } = plot({
    x: [0, state.steps],
    y: [0, 1],
    xLabel: "env steps from now",
    yLabel: "weight of the reward",
  });
  const width = X(1) - X(0);
  const bars = weights(state).map((weight, t) => {
    const counts = weight >= 0.01 ? "bar" : "bar faint";
    return `<rect class="${counts}" x="${(X(t) + width * 0.1).toFixed(1)}" y="${Y(weight).toFixed(1)}" width="${(width * 0.8).toFixed(1)}" height="${(bottom - Y(weight)).toFixed(1)}"/>`;
  });
  return bars.join("") + frame;
}

function reading(state) {
  const counted = weights(state).filter((weight) => weight >= 0.01).length;
  return `Return: <b>${number(total(state), 1)}</b> of ${state.steps} rewards of 1. The first <b>${counted}</b> still count: their weight is 0.01 or more.`;
}

/** The figure as HTML text. */
export function markup(state) {
  return figure({
    name: "discount",
    label: "Weight of each step's reward, by how far away it is",
    picture: picture(state),
    reading: reading(state),
    controls:
      slider({ trait: "gamma", label: "Discount factor gamma", min: 0, max: 1, step: 0.01, value: state.gamma }) +
      slider({ trait: "steps", label: "Length of the episode", min: 1, max: 200, step: 1, value: state.steps, text: TEXTS.steps }),
  });
}

function render({ model, el }) {
  const update = (state) => {
    put(el, ".upright-picture", picture(state));
    put(el, ".upright-reading", reading(state));
  };
  return wire({ model, el, traits: TRAITS, markup, update, texts: TEXTS });
}

export default { render };
