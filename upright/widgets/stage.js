// The cart, its pole and the track, drawn as SVG. One unit of length is 100 units of the picture; right is positive.

import { ANGLE_LIMIT, POSITION_LIMIT } from "./physics.js";

export const STAGE_WIDTH = 640;
export const STAGE_HEIGHT = 250;
const GROUND = 190;
const SCALE = 100;
const CENTRE = STAGE_WIDTH / 2;

const across = (x) => CENTRE + SCALE * x;

function track() {
  const ticks = [-2, -1, 0, 1, 2].map(
    (x) => `<path d="M${across(x)} ${GROUND + 16}v6"/><text x="${across(x)}" y="${GROUND + 40}">${String(x).replace("-", "−")}</text>`,
  );
  const limits = [-POSITION_LIMIT, POSITION_LIMIT].map(
    (x) => `<path class="limit" d="M${across(x)} ${GROUND - 34}v56"/>`,
  );
  return `<g class="stage-track"><path d="M8 ${GROUND + 16}H${STAGE_WIDTH - 8}"/>${ticks.join("")}${limits.join("")}</g>`;
}

// The two lines that the pole must stay between, from the cart upwards.
function fan(x, reach) {
  const side = (sign) => {
    const [dx, dy] = [sign * reach * Math.sin(ANGLE_LIMIT), reach * Math.cos(ANGLE_LIMIT)];
    return `<path class="limit" d="M${across(x)} ${GROUND - 16}l${dx.toFixed(1)} ${(-dy).toFixed(1)}"/>`;
  };
  return side(-1) + side(1);
}

/**
 * The inside of an <svg viewBox="0 0 640 250">. state: [position, velocity, angle, angular velocity]; length: half the
 * pole in units; action: 0 or 1 draws the push as an arrow; fallen: draws the pole in the colour of a failure.
 */
export function stage(state, { length = 0.5, action = null, fallen = false } = {}) {
  const [x, , angle] = state;
  const reach = Math.min(2 * length, 1.55) * SCALE;
  const top = [across(x) + reach * Math.sin(angle), GROUND - 16 - reach * Math.cos(angle)];
  const arrow =
    action === null
      ? ""
      : `<path class="push" d="M${across(x) + (action ? -62 : 62)} ${GROUND}h${action ? 26 : -26}m${action ? -8 : 8} -7l${action ? 8 : -8} 7l${action ? -8 : 8} 7"/>`;
  return `${track()}${fan(x, reach + 14)}${arrow}
<rect class="cart" x="${(across(x) - 32).toFixed(1)}" y="${GROUND - 16}" width="64" height="24" rx="5"/>
<g class="wheels"><circle cx="${(across(x) - 18).toFixed(1)}" cy="${GROUND + 9}" r="7"/><circle cx="${(across(x) + 18).toFixed(1)}" cy="${GROUND + 9}" r="7"/></g>
<path class="pole${fallen ? " fallen" : ""}" d="M${across(x).toFixed(1)} ${GROUND - 16}L${top[0].toFixed(1)} ${top[1].toFixed(1)}"/>
<circle class="axle" cx="${across(x).toFixed(1)}" cy="${GROUND - 16}" r="5"/>`;
}
