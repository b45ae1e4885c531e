// A figure whose picture is drawn twice, for a wide column and for a phone, so that its text can be read on both.

import { escape } from "./parts.js";

const SIZES = { wide: [640, 280], narrow: [380, 300] };

/**
 * A figure as HTML text, as `figure` of parts.js gives it. picture: a function from {width, height}, in units of the
 * picture, to SVG text; CSS shows the one of the two that fits. legend: what the lines are, above the picture; note: a
 * sentence about it, below the controls. Both are HTML.
 */
export function chart({ name, label, picture, legend = "", reading, note = "", controls }) {
  const pictures = Object.entries(SIZES).map(
    ([size, [width, height]]) =>
      `<svg class="upright-picture ${size}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(label)}">${picture({ width, height })}</svg>`,
  );
  return `<div class="upright upright-${name}" role="group" aria-label="${escape(label)}">
${legend && `<p class="upright-legend">${legend}</p>\n`}${pictures.join("\n")}
<p class="upright-reading" aria-live="polite">${reading}</p>
<div class="upright-controls">${controls}</div>
${note && `<p class="upright-note">${note}</p>\n`}</div>`;
}

/** Draw both pictures again. */
export function redraw(el, picture) {
  for (const svg of el.querySelectorAll(".upright-picture")) {
    const [width, height] = SIZES[svg.classList.contains("wide") ? "wide" : "narrow"];
    svg.innerHTML = picture({ width, height });
  }
}

/** A native range input that stops at `values`, which need not be evenly spaced. `text` tells the value, with its unit. */
export function stops({ trait, label, values, value, text = String }) {
  const shown = escape(text(value));
  const place = values.findLastIndex((each) => each <= value);
  return `<label class="upright-slider"><span>${escape(label)}</span>
<input type="range" data-trait="${trait}" data-values="[${values}]" min="0" max="${values.length - 1}" step="1" value="${place}" aria-valuetext="${shown}">
<output>${shown}</output></label>`;
}
