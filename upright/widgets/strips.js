// Two small charts of one episode, the pole's angle and the cart's position over its steps, with their limits.

import { ANGLE_LIMIT, POSITION_LIMIT } from "./physics.js";

export const STRIPS_HEIGHT = 250;
const [LEFT, RIGHT, HIGH, GAP] = [70, 626, 84, 38];

function strip({ values, limit, unit, name, top, step }) {
  const reach = Math.max(limit, ...values.map(Math.abs)) * 1.12;
  const X = (i) => LEFT + ((RIGHT - LEFT) * i) / Math.max(values.length - 1, 1);
  const Y = (value) => top + HIGH / 2 - (value / reach) * (HIGH / 2);
  const at = (value) => value.toFixed(1);
  const edge = (value) =>
    `<path class="limit" d="M${LEFT} ${at(Y(value))}H${RIGHT}"/><text class="y" x="${LEFT - 8}" y="${at(Y(value) + 5)}">${String(value).replace("-", "−")}${unit}</text>`;
  const line = values.map((value, i) => `${i ? "L" : "M"}${at(X(i))} ${at(Y(value))}`).join("");
  return `<text class="title" x="${LEFT}" y="${top - 8}">${name}</text>
<path class="zero" d="M${LEFT} ${at(Y(0))}H${RIGHT}"/>${edge(limit)}${edge(-limit)}
<path class="curve" d="${line}"/>
<path class="now" d="M${at(X(step))} ${top}V${top + HIGH}"/><circle class="dot" cx="${at(X(step))}" cy="${at(Y(values[step]))}" r="6"/>`;
}

/** The inside of an <svg viewBox="0 0 640 250">. states: those of the episode; step: the one that is marked. */
export function strips(states, step) {
  const degrees = 180 / Math.PI;
  const angle = { values: states.map((state) => state[2] * degrees), limit: Math.round(ANGLE_LIMIT * degrees), unit: "°" };
  const position = { values: states.map((state) => state[0]), limit: POSITION_LIMIT, unit: "" };
  return `<g class="strips">${strip({ ...angle, name: "Angle of the pole (degrees)", top: 30, step })}
${strip({ ...position, name: "Position of the cart (units)", top: 30 + HIGH + GAP, step })}</g>`;
}
