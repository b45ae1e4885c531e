// What the figure of the cart shows: picture, numbers, sentences, buttons and sliders, as HTML text.

import { begin, decide, ending, leaning, observe, over } from "./episode.js";
import { button, choice, figure, number, slider } from "./parts.js";
import { STANDARD } from "./physics.js";
import { observed, push, readout, signed } from "./readout.js";
import { SPEEDS } from "./speeds.js";
import { between, stage, STAGE_HEIGHT } from "./stage.js";

export const DRIVERS = {
  you: "you",
  random: "random pushes",
  linear: "four weights",
  network: "the trained network",
};
export const TEXTS = {
  gravity: (value) => `${number(value, 1)} m/s²`,
  length: (value) => `${number(value)} units`,
  force_mag: (value) => `${number(value, 1)} N`,
  noise: (value) => number(value),
  weights: (value) => signed(value),
};

export function picture(settings, episode, part = 0) {
  const moment = (state) => between(state, part, STANDARD.tau);
  return stage(moment(episode.state), {
    length: settings.length,
    action: episode.action,
    fallen: over(episode) && episode.terminated,
    sensed: settings.noise > 0 ? moment(observe(episode, settings.noise)) : null,
  });
}

/** The sum by which four weights decide, and what follows from it. */
export function weighing({ weights, noise }, episode) {
  const sum = observe(episode, noise).reduce((total, value, i) => total + value * weights[i], 0);
  const follows = sum > 0 ? "above 0, so the next push is to the <b>right</b>" : "not above 0, so the next push is to the <b>left</b>";
  return `Weight × number, all four added: <b>${signed(sum, 3)}</b>. It is ${follows}.`;
}

function scores(settings, episode) {
  const { driver, max_episode_steps: limit } = settings;
  const sees = driver === "linear" || driver === "network";
  const next = sees && !over(episode) ? push(decide(episode, settings, null)) : "–";
  return readout([
    ["Step", `${episode.steps} <small>of ${limit}</small>`],
    ["Reward", episode.steps ? "1" : "–"],
    ["Return", episode.total],
    sees ? ["Next push", next] : ["Last push", push(episode.action)],
  ]);
}

export function numbers(settings, episode) {
  const seen = settings.controls.includes("observation")
    ? `<p class="upright-title">${observationTitle(settings)}</p><dl class="upright-numbers observation">${readout(observed(observe(episode, settings.noise)))}</dl>`
    : "";
  return `<dl class="upright-numbers scores">${scores(settings, episode)}</dl>${seen}`;
}

function observationTitle({ noise }) {
  return noise > 0 ? "Observation, with noise (dashed above)" : "Observation";
}

function first(settings, episode) {
  return `${leaning(episode.state)}. The limits are 12°, 2.4 units and ${settings.max_episode_steps} steps.`;
}

// What one step did: for a reader who goes step by step.
function lately(settings, episode) {
  const going = episode.state[2] * episode.state[3] > 0 ? "falling further" : "coming back";
  return `Step ${episode.steps}: a push to the ${episode.action ? "right" : "left"}. ${leaning(episode.state)} and is ${going}.`;
}

export function reading(settings, episode) {
  if (over(episode)) return ending(episode);
  return episode.steps ? lately(settings, episode) : first(settings, episode);
}

export const pads = ({ driver }) =>
  driver === "you"
    ? button({ action: "left", label: "← Left", kind: "pad" }) + button({ action: "right", label: "Right →", kind: "pad" })
    : button({ action: "step", label: "One step", kind: "pad" });

function buttons(settings) {
  return `<div class="upright-pads">${pads(settings)}</div>
<div class="upright-buttons">${button({ action: "start", label: "Start", kind: "primary start" })}${button({ action: "renew", label: "New episode" })}</div>`;
}

const howto = ({ driver }) => `<p class="upright-howto wide"${driver === "you" ? "" : " hidden"}>Each press is one push: one step of 0.02 seconds. After <b>Start</b> the time runs, and your last direction keeps pushing.
<span class="touch">You can also touch the left or right half of the picture.</span>
<span class="keys"><span class="off">Arrow keys are off: select the picture first.</span><span class="on">Arrow keys are on: ← and → push, the space bar starts and pauses.</span></span></p>`;

function controls(settings, episode) {
  const shown = (name) => settings.controls.includes(name);
  const range = (trait, label, min, max, step) =>
    shown(trait) ? slider({ trait, label, min, max, step, value: settings[trait], text: TEXTS[trait] }) : "";
  const options = settings.drivers.map((name) => [name, DRIVERS[name]]);
  const driver = options.length > 1 ? choice({ trait: "driver", label: "Who pushes", options, value: settings.driver }) : "";
  const names = ["position", "velocity", "angle", "angular velocity"];
  const common = { trait: "weights", min: -4, max: 4, step: 0.05, text: TEXTS.weights };
  const weight = (value, index) => slider({ ...common, index, label: `Weight of ${names[index]}`, value });
  const linear = settings.driver === "linear" ? "" : " hidden";
  return `${driver}${choice({ trait: "speed", label: "Speed", options: SPEEDS, value: settings.speed })}
${range("gravity", "Gravity", 0, 25, 0.1)}${range("length", "Half the pole's length", 0.1, 0.75, 0.01)}
${range("force_mag", "Force of a push", 1, 30, 0.5)}${range("noise", "Noise of the sensors", 0, 0.5, 0.01)}
${settings.drivers.includes("linear") ? `<div class="upright-weights wide"${linear}><p class="upright-sum">${weighing(settings, episode)}</p>${settings.weights.map(weight).join("")}</div>` : ""}
${howto(settings)}`;
}

export const role = ({ driver }) => (driver === "you" ? "application" : "img");

/** The figure as HTML text. */
export function cockpit(settings) {
  const episode = begin(settings.seed);
  return figure({
    name: "cart_pole",
    label: "A cart on a track, and a pole that stands on it",
    height: STAGE_HEIGHT,
    picture: picture(settings, episode),
    attributes: `role="${role(settings)}"${settings.driver === "you" ? ' tabindex="0"' : ""}`,
    numbers: `<div class="upright-readout">${numbers(settings, episode)}</div>`,
    reading: reading(settings, episode),
    more: `<div class="upright-hands">${buttons(settings)}</div>`,
    controls: controls(settings, episode),
  });
}
