// How often "195 over 100 episodes" lies: the mean return that an evaluation shows, for a policy whose true mean is known.

import { number, put, slider, wire } from "./parts.js";
import { chart, redraw, stops } from "./chart.js";
import { plot } from "./plot.js";
import { sumOf } from "./fourier.js";

const TRAITS = ["mean", "sd", "episodes"];
const EPISODES = [10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000];
const LIMIT = 200;
const SOLVED = 195;
const LONGEST_LOSS = 192; // an episode of CartPole lasts 8 steps at least
const [LOWEST, BAR] = [180, 0.5];
const count = (value) => value.toLocaleString("en");
const LEGEND = '<span><span class="key box"></span>says what is true</span><span><span class="key wrong"></span>lies</span><span><span class="triangle">▲</span> true mean</span>';
const TEXTS = { mean: (value) => number(value, 1), sd: (value) => `${number(value, 0)} steps`, episodes: count };

/**
 * The model of one episode's return with this mean and standard deviation: with probability `early` it ends early, and
 * then loses 1, 2, ... or `loss` of the 200 steps, each equally often. sd: what the model has; less than asked for where
 * returns of at most 200 with this mean cannot scatter as much.
 */
export function returns({ mean, sd }) {
  const lost = LIMIT - mean;
  const wanted = (3 * (sd * sd + lost * lost)) / lost;
  const loss = Math.min(Math.max(Math.round((wanted - 1) / 2), Math.ceil(2 * lost - 1)), LONGEST_LOSS);
  const early = (2 * lost) / (loss + 1);
  return { early, loss, sd: Math.sqrt((lost * (2 * loss + 1)) / 3 - lost * lost) };
}

/** The probability of each sum of lost steps, 0, 1, 2, ..., over the episodes of one evaluation. */
export function lostSteps(state) {
  const { early, loss, sd } = returns(state);
  const chances = Array.from({ length: loss + 1 }, (_, k) => (k ? early / loss : 1 - early));
  const most = Math.min(state.episodes * loss, state.episodes * (LIMIT - state.mean) + 10 * sd * Math.sqrt(state.episodes) + 4 * loss);
  return sumOf(chances, state.episodes, 2 ** Math.ceil(Math.log2(most + 1)));
}

/** The share of evaluations that show a mean of 195 or more, and how often each mean is shown, in bars of half a step. */
export function shown(state) {
  const bars = new Float64Array((LIMIT - LOWEST) / BAR);
  let [solved, below] = [0, 0];
  lostSteps(state).forEach((chance, lost) => {
    if (lost <= (LIMIT - SOLVED) * state.episodes) solved += chance;
    const place = Math.floor((LIMIT - LOWEST - lost / state.episodes) / BAR + 1e-9);
    if (place < 0) below += chance;
    else bars[Math.min(place, bars.length - 1)] += chance;
  });
  return { solved, below, bars };
}

// Picture and words ask for the same evaluations one after another.
let latest = {};
function evaluated(state) {
  const key = JSON.stringify(TRAITS.map((trait) => state[trait]));
  if (latest.key !== key) latest = { key, found: shown(state) };
  return latest.found;
}

const isSolved = ({ mean }) => mean >= SOLVED;
const wrongShare = (state) => (isSolved(state) ? 1 - evaluated(state).solved : evaluated(state).solved);

/** A share in per cent, in words where it rounds to nothing. */
export function percent(share) {
  if (share < 0.0005) return "almost never";
  return `${number(100 * share, share < 0.0995 ? 1 : 0)}\u00a0%`;
}

// Bars over the line 195 are wrong where the policy is not solved, and the other way round.
function drawn(state, { X, Y, bottom }) {
  const bars = Array.from(evaluated(state).bars, (share, i) => {
    const low = LOWEST + i * BAR;
    if (share < 1e-5) return "";
    const kind = low >= SOLVED === isSolved(state) ? "bar" : "bar wrong";
    const [x, y] = [X(low), Y(100 * share)];
    return `<path class="${kind}" d="M${x.toFixed(1)} ${bottom}V${y.toFixed(1)}H${(X(low + BAR) - 0.6).toFixed(1)}V${bottom}z"/>`;
  });
  return bars.join("");
}

function picture(state, size) {
  const { bars, below } = evaluated(state);
  const highest = Math.max(1, 100 * Math.max(...bars)) * 1.25;
  const axes = plot({
    ...size,
    x: [LOWEST, LIMIT],
    y: [0, highest],
    xLabel: "mean return that the evaluation shows",
    yLabel: "share of evaluations (%)",
  });
  const { X, top, bottom } = axes;
  const [line, mean] = [SOLVED, state.mean].map((value) => X(value).toFixed(1));
  const further = below > 0.005 ? `<text class="told start" x="${X(LOWEST) + 4}" y="${(axes.Y(100 * bars[0]) - 10).toFixed(1)}">← ${percent(below)}</text>` : "";
  return `${axes.frame}${drawn(state, axes)}${further}
<path class="mark thick" d="M${line} ${top}V${bottom}"/>
<text class="told end" x="${line}" dx="-7" y="${top + 14}">not solved</text><text class="told start" x="${line}" dx="7" y="${top + 14}">solved</text>
<path class="triangle" d="M${mean} ${bottom + 1}l7 11h-14z"/>`;
}

function reading(state) {
  const share = wrongShare(state);
  const verdict = isSolved(state) ? "This policy is solved. " : "This policy is not solved. ";
  const says = isSolved(state) ? "less than 195" : "195 or more";
  const over = `${count(state.episodes)} episodes`;
  if (share < 0.0005) return `${verdict}Over ${over} it <b>almost never</b> shows ${says}.`;
  return `${verdict}But <b>${percent(share)}</b> of evaluations over ${over} show ${says}: they lie. Twice in a row: ${percent(share * share)}.`;
}

function note(state) {
  const { early, loss, sd } = returns(state);
  const most = state.sd - sd > 0.5 ? ` The largest possible spread with this mean: ${number(sd, 1)} steps.` : "";
  return `Model: with this mean and spread (standard deviation), ${number(100 * early, 1)}\u00a0% of episodes end early, at any step from ${LIMIT - loss} to 199 equally often. The others reach 200.${most}`;
}

/** The figure as HTML text. */
export function markup(state) {
  return chart({
    name: "interval",
    label: "How often an evaluation shows which mean return",
    legend: LEGEND,
    picture: (size) => picture(state, size),
    reading: reading(state),
    note: note(state),
    controls:
      stops({ trait: "episodes", label: "Episodes in an evaluation", values: EPISODES, value: state.episodes, text: TEXTS.episodes }) +
      slider({ trait: "mean", label: "True mean return", min: 185, max: 199.5, step: 0.1, value: state.mean, text: TEXTS.mean }) +
      slider({ trait: "sd", label: "Spread of one episode", min: 10, max: 40, step: 1, value: state.sd, text: TEXTS.sd }),
  });
}

function render({ model, el }) {
  const update = (state) => {
    redraw(el, (size) => picture(state, size));
    put(el, ".upright-reading", reading(state));
    put(el, ".upright-note", note(state));
  };
  return wire({ model, el, traits: TRAITS, markup, update, texts: TEXTS });
}

export default { render };
