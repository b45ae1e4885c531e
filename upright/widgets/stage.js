// The cart, its pole and the track, drawn as SVG. One unit of length is 115 units of the picture; right is positive.

import { ANGLE_LIMIT, POSITION_LIMIT } from "./physics.js";

export const STAGE_WIDTH = 640;
export const STAGE_HEIGHT = 256;
const GROUND = 196;
const AXLE = GROUND - 16;
const SCALE = 115;
const CENTRE = STAGE_WIDTH / 2;
const LONGEST_POLE = 1.5; // in units: what the picture has room for

const across = (x) => CENTRE + SCALE * x;
const sized = (value) => value.toFixed(1);
const minus = (text) => String(text).replace("-", "−");

function track() {
  const ticks = [-2, -1, 0, 1, 2].map(
    (x) => `<path d="M${across(x)} ${GROUND + 16}v6"/><text x="${across(x)}" y="${GROUND + 42}">${minus(x)}</text>`,
  );
  const limits = [-POSITION_LIMIT, POSITION_LIMIT].map(
    (x) =>
      `<path class="limit" d="M${across(x)} ${GROUND - 40}v62"/><text x="${across(x)}" y="${GROUND - 48}">${minus(x)}</text>`,
  );
  return `<g class="stage-track"><path d="M8 ${GROUND + 16}H${STAGE_WIDTH - 8}"/>${ticks.join("")}${limits.join("")}</g>`;
}

// The two lines that the pole must stay between, from the cart upwards.
function fan(x, reach) {
  const line = (sign) => {
    const [dx, dy] = [sign * reach * Math.sin(ANGLE_LIMIT), reach * Math.cos(ANGLE_LIMIT)];
    const end = [across(x) + dx, AXLE - dy];
    return `<path class="limit" d="M${sized(across(x))} ${AXLE}L${sized(end[0])} ${sized(end[1])}"/>
<text class="${sign < 0 ? "before" : "after"}" x="${sized(end[0] + sign * 6)}" y="${sized(end[1] + 12)}">${minus(12 * sign)}°</text>`;
  };
  return `<g class="stage-fan">${line(-1)}${line(1)}</g>`;
}

function rod(name, [x, , angle], reach) {
  const top = [across(x) + reach * Math.sin(angle), AXLE - reach * Math.cos(angle)];
  return `<path class="${name}" d="M${sized(across(x))} ${AXLE}L${sized(top[0])} ${sized(top[1])}"/>`;
}

function arrow(x, action) {
  const sign = action ? 1 : -1;
  const from = across(x) - sign * 80;
  return `<path class="push" d="M${sized(from)} ${GROUND - 4}h${sign * 34}m${-sign * 10} -9l${sign * 10} 9l${-sign * 10} 9"/>`;
}

/**
 * The inside of an <svg viewBox="0 0 640 256">. state: [position, velocity, angle, angular velocity]; length: half the
 * pole in units; action: 0 or 1 draws the push as an arrow; fallen: draws the pole in the colour of a failure;
 * sensed: a state that differs from the true one, drawn as a thin dashed pole.
 */
export function stage(state, { length = 0.5, action = null, fallen = false, sensed = null } = {}) {
  const [x] = state;
  const reach = Math.min(2 * length, LONGEST_POLE) * SCALE;
  const cart = sized(across(x) - 35);
  const wheel = (dx) => `<circle cx="${sized(across(x) + dx)}" cy="${GROUND + 9}" r="7"/>`;
  return `${track()}${fan(x, reach + 14)}${action === null ? "" : arrow(x, action)}
<rect class="cart" x="${cart}" y="${AXLE}" width="70" height="25" rx="5"/>
<g class="wheels">${wheel(-20)}${wheel(20)}</g>
${rod(fallen ? "pole fallen" : "pole", state, reach)}${sensed ? rod("sensed", sensed, reach) : ""}
<circle class="axle" cx="${sized(across(x))}" cy="${AXLE}" r="5"/>`;
}

/** A state on its way to the next one: `part`, from 0 to 1, of a step of `tau` seconds. Exact, as Euler's method is. */
export function between([x, velocity, angle, turning], part, tau) {
  return [x + part * tau * velocity, velocity, angle + part * tau * turning, turning];
}
