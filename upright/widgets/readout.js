// Numbers in boxes that keep their places while the numbers change.

import { number } from "./parts.js";

/** A number with its sign, "+" included; what rounds to zero has none. */
export function signed(value, digits = 2) {
  const text = number(value, digits);
  if (Number(value.toFixed(digits)) === 0) return text.replace("−", "");
  return value > 0 ? `+${text}` : text;
}

/** `pairs`: [name, value] each. */
export function readout(pairs) {
  return pairs.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("");
}

/** CartPole's four numbers with their units, for `readout`. */
export function observed([x, velocity, angle, turning]) {
  const degrees = 180 / Math.PI;
  return [
    ["Position", `${signed(x)} <small>units</small>`],
    ["Velocity", `${signed(velocity)} <small>units/s</small>`],
    ["Angle", `${signed(angle, 3)} <small>rad</small> <small>= ${signed(angle * degrees, 1)}°</small>`],
    ["Angular velocity", `${signed(turning)} <small>rad/s</small> <small>= ${signed(turning * degrees, 0)}°/s</small>`],
  ];
}

/** The push as an arrow and a word. */
export function push(action) {
  if (action === null) return "–";
  return action === 1 ? "→ right" : "← left";
}
