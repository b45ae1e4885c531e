// One episode of CartPole in a figure, and the sentences that tell it. An episode is plain data: each step gives a new one.

import { number } from "./parts.js";
import { ANGLE_LIMIT, POSITION_LIMIT, reset, STANDARD, step, terminated } from "./physics.js";
import { greedy, linear } from "./policy.js";
import { generator, normal } from "./random.js";

const NEARLY = 1 - 1e-5; // a recording rounds its numbers: the state that passed a limit may lie on it
const SENSORS = 0x9e3779b9; // any constant: the noise must not follow from the pushes

function errors(random) {
  return Array.from({ length: 4 }, () => normal(random));
}

/** The episode of a seed, before its first step. `errors` holds the sensors' errors at a standard deviation of 1. */
export function begin(seed) {
  const random = generator(seed);
  const sensors = generator(seed ^ SENSORS);
  const start = { state: reset(random), errors: errors(sensors), action: null, steps: 0, total: 0 };
  return { ...start, terminated: false, truncated: false, random, sensors };
}

/** What the agent sees: the state, and on each of its four numbers an error of standard deviation `noise`. */
export function observe(episode, noise) {
  return episode.state.map((value, i) => value + noise * episode.errors[i]);
}

/** The driver's action, 0 or 1. `pushed` is the reader's last direction, null before the first. */
export function decide(episode, { driver, weights, policy, noise }, pushed) {
  if (driver === "random") return episode.random() < 0.5 ? 0 : 1;
  if (driver === "linear") return linear(weights, observe(episode, noise));
  if (driver === "network") return greedy(policy, observe(episode, noise));
  return pushed;
}

/** The episode after one step. The physics may change from step to step; the limit of steps is a truncation. */
export function advance(episode, action, { gravity, length, force_mag, max_episode_steps }) {
  const state = step(episode.state, action, { ...STANDARD, gravity, length, force_mag });
  const steps = episode.steps + 1;
  const ends = { terminated: terminated(state) !== "", truncated: steps >= max_episode_steps };
  return { ...episode, ...ends, state, errors: errors(episode.sensors), action, steps, total: episode.total + 1 };
}

export function over(episode) {
  return episode.terminated || episode.truncated;
}

/** "right" or "left", by the sign. */
export function side(value) {
  return value >= 0 ? "right" : "left";
}

/** The angle in degrees with its direction. */
export function leaning([, , angle]) {
  return `The pole leans ${number(Math.abs((angle * 180) / Math.PI), 1)}° to the ${side(angle)}`;
}

function reasons([x, , angle]) {
  const passed = [];
  if (Math.abs(angle) >= ANGLE_LIMIT * NEARLY) passed.push(`the pole passed 12 degrees, on the ${side(angle)}`);
  if (Math.abs(x) >= POSITION_LIMIT * NEARLY) passed.push(`the cart passed 2.4 units, on the ${side(x)}`);
  return passed.join(", and ") || "a rule of the environment ended the episode";
}

/** How an episode ended, in words: terminated, truncated, both in the same step, or cut short by the recorder. */
export function ending({ state, steps, total, terminated: fell, truncated }) {
  const length = `after ${steps} ${steps === 1 ? "step" : "steps"}`;
  const sum = `Return <b>${Number(total.toFixed(3))}</b>.`;
  if (fell && truncated)
    return `<b>Terminated and truncated</b> ${length}: ${reasons(state)} in the very step of the time limit. ${sum}`;
  if (fell) return `<b>Terminated</b> ${length}: ${reasons(state)}. ${sum}`;
  if (truncated) return `<b>Truncated</b> ${length}: the time limit came first. ${sum}`;
  return `<b>Cut short</b> ${length}: the recording stops here, and the episode had not ended. ${sum}`;
}
