// A line through the plane of angle and angular velocity: a linear policy, its path, and its return over 100 episodes.

import { figure, number, put, slider, wire } from "./parts.js";
import { plot } from "./plot.js";
import { ANGLE_LIMIT, reset, step, terminated } from "./physics.js";
import { linear } from "./policy.js";
import { generator } from "./random.js";

const TRAITS = ["weights", "seed"];
const TEXTS = { seed: (value) => String(value) };
const NAMES = ["position", "velocity", "angle", "angular velocity"];
const EPISODES = 100;
const LIMIT = 200;
const SOLVED = 195;

const [WIDTH, HEIGHT, STRIP] = [640, 470, 62];
const DEGREES = 180 / Math.PI;
const PLANE = plot({
  height: HEIGHT - STRIP,
  x: [-14, 14],
  y: [-3, 3],
  xTicks: [-12, -6, 0, 6, 12].map((value) => [value, `${value}°`.replace("-", "−")]),
  xLabel: "angle of the pole",
  yLabel: "angular velocity (rad/s)",
});
const HALF = { width: (PLANE.right - PLANE.left) / 2, height: (PLANE.bottom - PLANE.top) / 2 };
const CENTRE = { x: PLANE.X(0), y: PLANE.Y(0) };
// Units of the picture for one rad and for one rad/s: what turns weights into a direction that the reader sees.
const SCALE = { angle: PLANE.X(DEGREES) - CENTRE.x, speed: CENTRE.y - PLANE.Y(1) };
const REACH = HALF.height - 22;

/** The starting states of the seed's episodes. */
export function starts(seed, episodes = EPISODES) {
  const random = generator(seed);
  return Array.from({ length: episodes }, () => reset(random));
}

/** One episode: all its states, and how it ended, "limit" (of 200 steps), "angle" or "position". */
export function play(weights, start) {
  const states = [start];
  for (let now = start; states.length <= LIMIT; states.push(now)) {
    now = step(now, linear(weights, now));
    const why = terminated(now);
    if (why) return { states: [...states, now], why };
  }
  return { states, why: "limit" };
}

/** The seed's episodes: the first one whole, of all the last states and the returns, and how many ended in which way. */
export function simulate({ weights, seed }) {
  const episodes = starts(seed).map((start) => play(weights, start));
  const ended = { limit: 0, angle: 0, position: 0 };
  for (const { why } of episodes) ended[why] += 1;
  const returns = episodes.map(({ states }) => states.length - 1);
  const mean = returns.reduce((sum, each) => sum + each, 0) / EPISODES;
  return { first: episodes[0], lasts: episodes.map(({ states }) => states.at(-1)), returns, mean, ended };
}

// Picture, words and trait ask for the same episodes one after another.
let latest = {};
function simulated({ weights, seed }) {
  const key = JSON.stringify([weights, seed]);
  if (latest.key !== key) latest = { key, found: simulate({ weights, seed }) };
  return latest.found;
}

/** Where "push right" lies, seen from the middle, in degrees: 0 is to the right, 90 is up. None when the pole counts for nothing. */
export function direction([, , angle, speed]) {
  if (angle === 0 && speed === 0) return null;
  return (Math.atan2(speed / SCALE.speed, angle / SCALE.angle) * DEGREES + 360) % 360;
}

/** The weights with the line turned; the larger one of the pole's two weights keeps its size. */
export function turned(weights, degrees) {
  const pole = [Math.cos(degrees / DEGREES) * SCALE.angle, Math.sin(degrees / DEGREES) * SCALE.speed];
  const size = Math.max(Math.abs(weights[2]), Math.abs(weights[3])) || 1;
  const factor = size / Math.max(...pole.map(Math.abs));
  return [...weights.slice(0, 2), ...pole.map((each) => Number((each * factor).toFixed(4)))];
}

const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
const clamp = (value, limit) => Math.max(-limit, Math.min(limit, value));
const spot = ([, , angle, speed]) => [PLANE.X(clamp(angle * DEGREES, 14)), PLANE.Y(clamp(speed, 3))];

function ray(degrees, halfWidth = HALF.width, halfHeight = HALF.height) {
  const [dx, dy] = [Math.cos(degrees / DEGREES), -Math.sin(degrees / DEGREES)];
  const reach = Math.min(halfWidth / Math.abs(dx), halfHeight / Math.abs(dy));
  return [CENTRE.x + dx * reach, CENTRE.y + dy * reach];
}

// The corners of the half where the policy pushes right, in order round the plane.
function half(degrees) {
  const corners = [[1, 1], [-1, 1], [-1, -1], [1, -1]].map(([x, y]) => [CENTRE.x + x * HALF.width, CENTRE.y - y * HALF.height]);
  const bearing = ([x, y]) => (Math.atan2(CENTRE.y - y, x - CENTRE.x) * DEGREES - degrees + 720 + 90) % 360;
  const inside = corners.filter((corner) => bearing(corner) < 180).sort((a, b) => bearing(a) - bearing(b));
  return [ray(degrees - 90), ...inside, ray(degrees + 90)];
}

function boundary(weights) {
  const degrees = direction(weights);
  if (degrees === null) return `<text class="side" x="${CENTRE.x}" y="${CENTRE.y - 100}">no line: the pole counts for nothing</text>`;
  const line = `M${at(...ray(degrees - 90))}L${at(...ray(degrees + 90))}`;
  const side = (text, towards) => {
    const [x, y] = ray(towards, HALF.width * 0.56, HALF.height - 30);
    return `<text class="side" x="${x.toFixed(1)}" y="${(y + 6).toFixed(1)}">${text}</text>`;
  };
  const words = side("push right", degrees) + side("push left", degrees + 180);
  return `<path class="half" fill="url(#upright-hatch)" d="M${half(degrees).map(([x, y]) => at(x, y)).join("L")}Z"/>
<path class="decision" d="${line}"/>${words}<path class="grab" d="${line}"/>`;
}

function strip({ mean }) {
  const X = (value) => PLANE.left + (value / LIMIT) * (PLANE.right - PLANE.left);
  return `<path class="rail" d="M${X(0)} 40H${X(LIMIT)}"/><path class="gauge" d="M${X(0)} 40H${X(mean).toFixed(1)}"/>
<path class="limit" d="M${X(SOLVED).toFixed(1)} 28v24"/>
<text class="start" x="${X(0)}" y="22">mean return <tspan class="big">${number(mean, 1)}</tspan></text>
<text class="end" x="${X(LIMIT)}" y="22">${mean >= SOLVED ? "solved: 195 or more" : "solved at 195"}</text>`;
}

function picture(state) {
  const found = simulated(state);
  const path = found.first.states.map(spot);
  const limits = [-1, 1].map((sign) => `<path class="limit" d="M${PLANE.X(sign * ANGLE_LIMIT * DEGREES).toFixed(1)} ${PLANE.top}V${PLANE.bottom}"/>`);
  const ends = found.lasts.map(spot).map(([x, y]) => `<circle class="ending" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4.5"/>`);
  const [[fromX, fromY], [toX, toY]] = [path[0], path.at(-1)];
  return `<defs><pattern id="upright-hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V9"/></pattern></defs>
${strip(found)}<g transform="translate(0 ${STRIP})">${PLANE.frame}${boundary(state.weights)}${limits.join("")}${ends.join("")}
<path class="path" d="M${path.map(([x, y]) => at(x, y)).join("L")}"/>
<circle class="path-start" cx="${fromX.toFixed(1)}" cy="${fromY.toFixed(1)}" r="6"/><rect class="path-end" x="${(toX - 7).toFixed(1)}" y="${(toY - 7).toFixed(1)}" width="14" height="14"/></g>`;
}

const ENDS = { limit: "the clock ran out", angle: "the pole fell", position: "the cart left the track" };

function reading(state) {
  const { mean, ended, first } = simulated(state);
  return `Mean return over 100 episodes: <b>${number(mean, 1)}</b> of 200. Ends (small circles): the clock ran out in <b>${ended.limit}</b>, the pole fell in <b>${ended.angle}</b>, the cart left the track in <b>${ended.position}</b>. The path, from circle to square, is one of them: ${first.states.length - 1} steps, then ${ENDS[first.why]}.`;
}

function told(weights) {
  const degrees = direction(weights);
  if (degrees === null) return "no line";
  const [angle, speed] = weights.slice(2).map((weight) => number(weight));
  return `${Math.round(degrees)} degrees: weight of the angle ${angle}, of the angular velocity ${speed}`;
}

function place(weights) {
  const degrees = (direction(weights) ?? 0) + 90;
  const x = CENTRE.x + REACH * Math.cos(degrees / DEGREES);
  const y = CENTRE.y + STRIP - REACH * Math.sin(degrees / DEGREES);
  return { left: `${((100 * x) / WIDTH).toFixed(2)}%`, top: `${((100 * y) / HEIGHT).toFixed(2)}%` };
}

function handle(weights) {
  const { left, top } = place(weights);
  const degrees = Math.round(direction(weights) ?? 0);
  return `<div class="upright-handle" role="slider" tabindex="0" aria-label="Direction of the line" aria-valuemin="0" aria-valuemax="360" aria-valuenow="${degrees}" aria-valuetext="${told(weights)}" style="left:${left};top:${top}"></div>`;
}

/** The figure as HTML text. */
export function markup(state) {
  const weight = (index) =>
    slider({ trait: "weights", index, label: `Weight of ${NAMES[index]}`, min: -2, max: 2, step: 0.01, value: state.weights[index] });
  return figure({
    name: "linear-policy",
    label: "Where the policy pushes right, by the pole's angle and angular velocity, and the path of one episode",
    width: WIDTH,
    height: HEIGHT,
    picture: picture(state),
    over: handle(state.weights),
    reading: reading(state),
    controls:
      `<p class="wide upright-hint">Drag the line, or turn its round handle with the arrow keys. Or change the weights:</p>` +
      [2, 3, 0, 1].map(weight).join("") +
      slider({ trait: "seed", label: "Seed of the 100 episodes", min: 0, max: 20, step: 1, value: state.seed, text: TEXTS.seed }),
  });
}

const KEYS = { ArrowRight: -1, ArrowDown: -1, ArrowLeft: 1, ArrowUp: 1, PageDown: -15, PageUp: 15 };

// Lets mouse, finger and keys turn the line. The pointer drags the line by the angle that it has moved round the middle.
function turn(el, model) {
  const grip = el.querySelector(".upright-handle");
  const canvas = grip.parentElement;
  const set = (degrees) => {
    model.set("weights", turned(model.get("weights"), (degrees + 720) % 360));
    model.save_changes();
  };
  const bearing = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [((clientX - box.left) / box.width) * WIDTH, ((clientY - box.top) / box.height) * HEIGHT];
    return Math.atan2(CENTRE.y + STRIP - y, x - CENTRE.x) * DEGREES;
  };
  const live = (value) => el.querySelector(".upright-reading").setAttribute("aria-live", value);
  let offset = null;
  const listeners = {
    pointerdown(event) {
      if (!event.target.closest(".upright-handle, .grab")) return;
      offset = (direction(model.get("weights")) ?? 0) - bearing(event);
      canvas.setPointerCapture(event.pointerId);
      live("off"); // a drag is not read out word by word
    },
    pointermove: (event) => offset !== null && set(Math.round(bearing(event) + offset)),
    lostpointercapture() {
      offset = null;
      live("polite");
    },
    keydown(event) {
      if (event.target !== grip || !(event.key in KEYS)) return;
      event.preventDefault();
      set(Math.round(direction(model.get("weights")) ?? 0) + KEYS[event.key]);
    },
  };
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) canvas.removeEventListener(name, listener);
  };
}

function render({ model, el }) {
  const update = (state) => {
    put(el, ".upright-picture", picture(state));
    put(el, ".upright-reading", reading(state));
    const grip = el.querySelector(".upright-handle");
    Object.assign(grip.style, place(state.weights));
    grip.setAttribute("aria-valuenow", Math.round(direction(state.weights) ?? 0));
    grip.setAttribute("aria-valuetext", told(state.weights));
    const { mean } = simulated(state);
    if (model.get("mean_return") === mean) return;
    model.set("mean_return", mean);
    model.save_changes();
  };
  const unwire = wire({ model, el, traits: TRAITS, markup, update, texts: TEXTS });
  const unturn = turn(el, model);
  return () => (unturn(), unwire());
}

export default { render };
