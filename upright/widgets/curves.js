// Recorded learning curves by learning rate, width, activation and clip range, and the policy of the run that the reader picks.

import { choice, escape, figure, number, put, wire } from "./parts.js";
import { plot } from "./plot.js";
import { compared, fetchAtlas, HYPERPARAMETERS, keptSeeds, runOf } from "./atlas.js";
import { playback, playbackMarkup } from "./playback.js";

const TRAITS = ["compare", ...HYPERPARAMETERS, "seed", "opened", "atlas", "summary"];
const NAMES = { lr: "Learning rate", width: "Units of the hidden layer", activation: "Activation", clip_param: "Clip range" };
const HEIGHT = 400;
const TOP = { "CartPole-v0": 200, "CartPole-v1": 500 };

/** What is drawn: the curves side by side, from the file once it is here, before that from the summary. */
function groupsOf(state) {
  if (state.atlas) return compared(state.atlas, state);
  const { drawn, groups } = state.summary;
  return ["compare", ...HYPERPARAMETERS].every((name) => name === state.compare || drawn[name] === state[name]) ? groups : [];
}

const place = (state, value) => state.summary.options[state.compare].indexOf(value);
const thousands = (value) => value.toLocaleString("en");
const valueText = (name, value) => (name === "width" ? `${value} units` : String(value));
const points = (steps, returns) => steps.map((each, i) => [each, returns[i]]);

function picture(state) {
  const { env_id, env_steps } = state.summary;
  const last = env_steps.at(-1);
  const { frame, line, X, Y, right } = plot({
    height: HEIGHT,
    x: [0, last * 1.04], // room for the last number of the axis
    y: [0, TOP[env_id] ?? 200],
    xLabel: "env steps of training",
    yLabel: "mean return",
    xTicks: [0, last / 3, (2 * last) / 3, last].map((value) => [Math.round(value), thousands(Math.round(value))]),
  });
  const groups = groupsOf(state).map((group) => ({ ...group, k: place(state, group.value), chosen: group.value === state[state.compare] }));
  groups.sort((a, b) => a.chosen - b.chosen); // the chosen one on top
  const bands = groups.map(({ k, chosen, low, high }) => {
    const outline = line([...points(env_steps, high), ...points(env_steps, low).reverse()]);
    return `<path class="swath hue-${k}${chosen ? " chosen" : ""}" d="${outline}Z"/>`;
  });
  const curves = groups.map(({ k, chosen, mean }) => `<path class="mean hue-${k}${chosen ? " chosen" : ""}" d="${line(points(env_steps, mean))}"/>`);
  const run = runOf(state.atlas, state);
  const single = run
    ? `<path class="single" d="${line(points(env_steps, run.returns))}"/><circle class="single-end" cx="${X(last).toFixed(1)}" cy="${Y(run.returns.at(-1)).toFixed(1)}" r="6"/>`
    : "";
  return `${frame}<path class="limit" d="M${X(0)} ${Y(195).toFixed(1)}H${right}"/>${bands.join("")}${curves.join("")}${single}`;
}

function keys(state) {
  const items = state.summary.options[state.compare].map((value, k) => {
    const chosen = value === state[state.compare];
    return `<li${chosen ? ' class="chosen"' : ""}><svg viewBox="0 0 44 14" aria-hidden="true"><path class="mean hue-${k}${chosen ? " chosen" : ""}" d="M2 7H42"/></svg>${escape(valueText(state.compare, value))}</li>`;
  });
  return items.join("");
}

function reading(state) {
  const group = groupsOf(state).find(({ value }) => value === state[state.compare]);
  const { env_steps } = state.summary;
  if (!group) return "The curves appear when the recorded runs are here.";
  const [mean, low, high] = [group.mean, group.low, group.high].map((returns) => number(returns.at(-1), 0));
  const run = runOf(state.atlas, state);
  const own = run ? ` The dotted line is the run of seed ${state.seed}: it ends at <b>${number(run.returns.at(-1), 0)}</b>.` : "";
  return `${NAMES[state.compare]} <b>${escape(String(group.value))}</b>, the thick line: after ${thousands(env_steps.at(-1))} env steps the mean over ${group.seeds} seeds is <b>${mean}</b>. Its band goes from the worst seed (${low}) to the best (${high}).${own}`;
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function openLabel({ summary }) {
  return `Open the ${thousands(summary.runs)} recorded runs (${size(summary.bytes)})`;
}

function source({ summary }) {
  return `${thousands(summary.runs)} runs of PPO on ${escape(summary.env_id)}, recorded on ${escape(summary.date)}. Red dashes: 195, solved.`;
}

function note(state) {
  if (!state.atlas) return "Play opens the recorded runs and shows the policy of the chosen one.";
  const run = runOf(state.atlas, state);
  if (!run) return "There is no run with this choice.";
  if (!run.policy) {
    const seeds = keptSeeds(state.atlas, state);
    const kept = seeds.length ? ` Choose ${seeds.map((seed) => `seed ${seed}`).join(" or ")} to see one play.` : "";
    return `Of this run the curve was kept, and not the policy.${kept}`;
  }
  return `The policy of seed ${run.seed}, after ${thousands(state.atlas.env_steps.at(-1))} env steps of training. Press Play.`;
}

function selects(state) {
  const { options } = state.summary;
  const list = (trait, label, values, text) =>
    choice({ trait, label, value: state[trait], options: values.map((value) => [value, text(value)]) });
  return (
    list("compare", "Compare by", HYPERPARAMETERS, (name) => NAMES[name].toLowerCase()) +
    HYPERPARAMETERS.map((name) => list(name, NAMES[name], options[name], String)).join("") +
    list("seed", "Run", options.seed, (seed) => `seed ${seed}`)
  );
}

/** The figure as HTML text. */
export function markup(state) {
  return figure({
    name: "curves",
    label: "Learning curves: mean return by env steps of training, one curve for each value, with a band over seeds",
    height: HEIGHT,
    picture: picture(state),
    reading: reading(state),
    more: `<ul class="upright-keys" aria-label="Key to the curves">${keys(state)}</ul>
<div class="upright-open"><button type="button" class="primary" data-action="open"${state.atlas ? " hidden" : ""}>${openLabel(state)}</button><p role="status">${source(state)}</p></div>`,
    controls: selects(state) + playbackMarkup(note(state)),
  });
}

// From the published page's site, or, where a kernel answers, from Python: that gives the atlas when `opened` is set.
function opener({ model, el, then }) {
  const button = el.querySelector("[data-action=open]");
  const status = el.querySelector("[role=status]");
  let busy = false;
  const tell = (label, text) => {
    button.textContent = label;
    status.textContent = text;
  };
  const fetched = async () => {
    busy = true;
    try {
      model.set("atlas", await fetchAtlas(new URL(model.get("src"), el.dataset.root)));
    } catch (problem) {
      tell("Try again", problem.message);
    }
    busy = false;
  };
  return {
    open() {
      if (model.get("atlas") || busy) return;
      tell("Loading…", "The recorded runs are on their way.");
      model.set("opened", true);
      model.save_changes();
      if (el.dataset.root) fetched();
    },
    show(state) {
      if (!state.atlas || button.hidden) return;
      const focused = button.getRootNode().activeElement === button;
      button.hidden = true;
      tell("", source(state));
      if (focused) el.querySelector("select").focus();
      then();
    },
  };
}

function render({ model, el }) {
  const stateNow = () => Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
  let player;
  let opening;
  let shown = "";
  let after = null; // what the reader asked for before the runs were here
  const update = (state) => {
    put(el, ".upright-picture", picture(state));
    put(el, ".upright-keys", keys(state));
    put(el, ".upright-reading", reading(state));
    const run = JSON.stringify([...HYPERPARAMETERS, "seed"].map((name) => state[name]).concat(Boolean(state.atlas)));
    if (run !== shown) player?.restart();
    shown = run;
    opening?.show(state);
  };
  const later = (action) => () => {
    if (model.get("atlas")) return player.actions[action]();
    after = action;
    opening.open();
  };
  const actions = { open: () => opening.open(), play: later("play"), step: later("step"), restart: () => player.actions.restart() };
  const unwire = wire({ model, el, traits: TRAITS, markup, update, actions });
  player = playback(el, () => runOf(model.get("atlas"), stateNow())?.policy, () => note(stateNow()));
  opening = opener({ model, el, then: () => after && player.actions[after]() });
  update(stateNow());
  if (model.get("opened")) opening.open();
  const choose = () => opening.open();
  el.addEventListener("change", choose);
  return () => {
    el.removeEventListener("change", choose);
    player.stop();
    unwire();
  };
}

export default { render };
