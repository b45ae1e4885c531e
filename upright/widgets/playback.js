// A policy plays one episode of CartPole on a small stage, by itself or step by step.

import { calm, put } from "./parts.js";
import { reset, step, terminated } from "./physics.js";
import { greedy } from "./policy.js";
import { generator } from "./random.js";
import { stage, STAGE_HEIGHT, STAGE_WIDTH } from "./stage.js";

const STEP_LIMIT = 200;
const STEP_SECONDS = 0.02;
const BUTTONS = `<button type="button" data-action="play" class="playback-play">Play</button>
<button type="button" data-action="step">One step</button>
<button type="button" data-action="restart">New start</button>`;

/** The stage with its buttons as HTML text, before any step. */
export function playbackMarkup(note) {
  return `<div class="wide upright-playback">
<svg class="upright-picture playback-stage" viewBox="0 0 ${STAGE_WIDTH} ${STAGE_HEIGHT}" role="img" aria-label="The cart and its pole, played by the policy of the run">${stage(startOf(1))}</svg>
<p class="playback-told" aria-live="polite">${note}</p><div class="upright-buttons">${BUTTONS}</div></div>`;
}

function startOf(start) {
  return reset(generator(start));
}

function outcome({ why, steps }) {
  if (why === "limit") return `The policy holds the pole for all ${STEP_LIMIT} steps. Return: <b>${steps}</b>.`;
  const reason = why === "angle" ? "the pole passed 12 degrees" : "the cart left the track";
  return `After ${steps} steps ${reason}. Return: <b>${steps}</b>.`;
}

/** The episode one step later. `why` is "" until it ends: by "angle", "position" or "limit". */
export function stepped({ state, steps }, policy) {
  const action = greedy(policy, state);
  const next = step(state, action);
  return { state: next, action, steps: steps + 1, why: terminated(next) || (steps + 1 >= STEP_LIMIT ? "limit" : "") };
}

/** The buttons' actions. `policyOf()` gives the policy to play, or nothing; `note()` what is said before the first step. */
export function playback(el, policyOf, note) {
  let start = 1;
  let episode;
  let frame = 0;
  const button = el.querySelector(".playback-play");
  const label = calm() ? "Play to the end" : "Play";

  const show = () => {
    const { state, action, steps, why } = episode;
    put(el, ".playback-stage", stage(state, { action, fallen: why === "angle" || why === "position" }));
    const told = el.querySelector(".playback-told");
    told.setAttribute("aria-live", frame ? "off" : "polite"); // while it runs, only the end is read out
    put(el, ".playback-told", why ? outcome(episode) : steps ? `Step ${steps}.` : note());
    button.textContent = frame ? "Pause" : label;
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
  };
  const restart = () => {
    stop();
    episode = { state: startOf(start), action: null, steps: 0, why: "" };
    show();
  };
  const advance = () => {
    const policy = policyOf();
    if (policy && !episode.why) episode = stepped(episode, policy);
    return policy && !episode.why;
  };
  const run = () => {
    let before = performance.now();
    const tick = (now) => {
      let goes = true;
      for (; goes && now - before >= STEP_SECONDS * 1000; before += STEP_SECONDS * 1000) goes = advance();
      if (goes) frame = requestAnimationFrame(tick);
      else stop();
      show();
    };
    frame = requestAnimationFrame(tick);
  };
  const actions = {
    play() {
      if (frame) stop();
      else {
        if (episode.why) restart();
        if (!policyOf()) return;
        if (calm()) while (advance());
        else run();
      }
      show();
    },
    step() {
      stop();
      if (episode.why) restart();
      else advance();
      show();
    },
    restart() {
      start += 1;
      restart();
    },
  };
  restart();
  return { actions, restart, stop };
}
