// One recorded episode, step by step: what happened, the numbers, and how it ended.

import { clock } from "./clock.js";
import { ending, leaning } from "./episode.js";
import { button, calm, choice, escape, figure, put, slider, stateOf, wire } from "./parts.js";
import { STANDARD } from "./physics.js";
import { observed, push, readout } from "./readout.js";
import { SPEEDS } from "./speeds.js";
import { stage, STAGE_HEIGHT } from "./stage.js";
import { strips, STRIPS_HEIGHT } from "./strips.js";

const TRAITS = ["replay", "step", "speed"];

const count = ({ replay }) => replay.actions.length;
const within = (state) => Math.min(Math.max(state.step, 0), count(state));
const sum = (rewards) => rewards.reduce((total, reward) => total + reward, 0);
const short = (value) => String(Number(value.toFixed(3))).replace("-", "−");
const texts = (replay) => ({ step: (value) => `${value} of ${replay().actions.length}` });

// The state at a step, and `part` of the way to the next one.
function moment({ replay, step }, part) {
  const [now, next] = [replay.states[step], replay.states[step + 1] ?? replay.states[step]];
  return now.map((value, i) => value + part * (next[i] - value));
}

function picture(state, part = 0) {
  const step = within(state);
  return stage(moment({ ...state, step }, part), {
    action: step ? state.replay.actions[step - 1] : null,
    fallen: state.replay.terminated && step === count(state),
  });
}

function numbers(state) {
  const { replay } = state;
  const step = within(state);
  const played = replay.rewards.slice(0, step);
  const scores = readout([
    ["Action", push(step ? replay.actions[step - 1] : null)],
    ["Reward", step ? short(replay.rewards[step - 1]) : "–"],
    ["Return", short(sum(played))],
  ]);
  return `<dl class="upright-numbers scores">${scores}</dl>
<dl class="upright-numbers observation">${readout(observed(replay.states[step]))}</dl>`;
}

function reading(state) {
  const { replay } = state;
  const step = within(state);
  if (!step) return `The start of the episode. ${leaning(replay.states[0])}.`;
  const last = step === count(state) ? " This is the last step." : "";
  return `Step ${step}: a push to the ${replay.actions[step - 1] ? "right" : "left"}. ${leaning(replay.states[step])}.${last}`;
}

function ended({ replay }) {
  const seed = replay.seed === null ? "" : `, seed ${replay.seed}`;
  const { terminated, truncated } = replay;
  const end = { state: replay.states.at(-1), steps: replay.actions.length, total: sum(replay.rewards), terminated, truncated };
  return `${escape(replay.env_id)}${seed}. ${ending(end)}`;
}

const reel = (state) => strips(state.replay.states, within(state));

/** The figure as HTML text. */
export function markup(state) {
  const step = within(state);
  return figure({
    name: "replay",
    label: "A recorded episode: the cart and its pole",
    height: STAGE_HEIGHT,
    picture: picture(state),
    numbers: `<svg class="upright-picture upright-strips" viewBox="0 0 640 ${STRIPS_HEIGHT}" role="img" aria-label="Angle and position over the episode, with their limits">${reel(state)}</svg>
${slider({ trait: "step", label: "Step", min: 0, max: count(state), step: 1, value: step, text: texts(() => state.replay).step })}
<div class="upright-buttons">${button({ action: "play", label: "Play", kind: "primary start" })}${button({ action: "back", label: "← Back" })}${button({ action: "forward", label: "Next →" })}</div>
<div class="upright-readout">${numbers(state)}</div>`,
    reading: reading(state),
    more: `<p class="upright-ended">${ended(state)}</p>`,
    controls: choice({ trait: "speed", label: "Speed", options: SPEEDS, value: state.speed }),
  });
}

function render({ model, el }) {
  const state = () => stateOf(model, TRAITS);
  let time = null;
  const draw = (part = 0) => put(el, ".upright-picture", picture(state(), part));
  const tell = () => {
    put(el, ".start", time?.running() ? "Pause" : "Play");
    if (!time?.running()) put(el, ".upright-reading", reading(state()));
  };
  const update = (now) => {
    const input = el.querySelector("input[data-trait=step]");
    input.max = count(now);
    if (input.value !== String(within(now))) input.value = within(now);
    draw();
    put(el, ".upright-strips", reel(now));
    put(el, ".upright-readout", numbers(now));
    put(el, ".upright-ended", ended(now));
    tell();
  };
  const go = (step) => model.set("step", within({ ...state(), step }));
  const pause = () => {
    time.stop();
    model.save_changes();
    update(state());
  };
  const play = () => {
    if (time.running()) return pause();
    if (within(state()) === count(state())) go(0);
    time.start();
    tell();
  };
  const turn = (by) => {
    go(within(state()) + by);
    pause();
  };
  const actions = { play, back: () => turn(-1), forward: () => turn(1) };
  const unwire = wire({ model, el, traits: TRAITS, markup, update, texts: texts(() => model.get("replay")), actions });
  time = clock({
    el: el.querySelector(".upright-picture"),
    rate: () => model.get("speed") / STANDARD.tau,
    tick() {
      go(within(state()) + 1);
      if (within(state()) === count(state())) pause();
    },
    draw: (part) => draw(calm() ? 0 : part),
    halted: pause,
  });
  return () => {
    unwire();
    time.remove();
  };
}

export default { render };
