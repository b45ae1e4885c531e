// The parts of every figure: controls as HTML text, and the wires between controls, traits and picture.

/** Text that may stand in HTML and in attributes. */
export function escape(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return String(text).replace(/[&<>"]/g, (character) => names[character]);
}

/** A number as people write it: a true minus sign, and `digits` after the point. */
export function number(value, digits = 2) {
  return value.toFixed(digits).replace("-", "−");
}

/**
 * A figure: its picture, the text that reads it, and its controls. `label` names the figure for screen readers. `over`
 * lies on the picture and has its size: handles to drag, which may not be inside of an image. attributes: of the picture;
 * numbers: HTML between picture and reading; more: HTML between reading and controls.
 */
export function figure(parts) {
  const { name, label, width = 640, height = 280, picture, attributes = 'role="img"', over = "" } = parts;
  const { numbers = "", reading = "", more = "", controls = "" } = parts;
  const image = `<svg class="upright-picture" viewBox="0 0 ${width} ${height}" ${attributes} aria-label="${escape(label)}">${picture}</svg>`;
  return `<div class="upright upright-${name}" role="group" aria-label="${escape(label)}">
${over ? `<div class="upright-canvas">${image}${over}</div>` : image}
${numbers}<p class="upright-reading" aria-live="polite">${reading}</p>
${more}<div class="upright-controls">${controls}</div>
</div>`;
}

/**
 * A native range input, for the trait `trait`, or for one number of a trait that is a list: the one at `index`. `text`
 * tells the value, with its unit: on screen and to screen readers.
 */
export function slider({ trait, index, label, min, max, step, value, text = (v) => number(v) }) {
  const shown = escape(text(value));
  const at = index === undefined ? "" : ` data-index="${index}"`;
  return `<label class="upright-slider"><span>${escape(label)}</span>
<input type="range" data-trait="${trait}"${at} min="${min}" max="${max}" step="${step}" value="${value}" aria-valuetext="${shown}">
<output>${shown}</output></label>`;
}

/** A native list to choose from; `options` are [value, text] pairs. */
export function choice({ trait, label, options, value }) {
  const items = options.map(
    ([key, text]) => `<option value="${escape(key)}"${key === value ? " selected" : ""}>${escape(text)}</option>`,
  );
  return `<label class="upright-choice"><span>${escape(label)}</span>
<select data-trait="${trait}">${items.join("")}</select></label>`;
}

export function checkbox({ trait, label, value }) {
  return `<label class="upright-checkbox"><input type="checkbox" data-trait="${trait}"${value ? " checked" : ""}>
<span>${escape(label)}</span></label>`;
}

/** `action` is the name under which `wire` calls what the button does; `kind` is a class, such as "primary". */
export function button({ action, label, kind = "", disabled = false }) {
  const look = kind ? ` class="${kind}"` : "";
  return `<button type="button"${look} data-action="${action}"${disabled ? " disabled" : ""}>${escape(label)}</button>`;
}

/** The traits of a model as a plain object: what `markup` draws from. */
export function stateOf(model, traits) {
  return Object.fromEntries(traits.map((trait) => [trait, model.get(trait)]));
}

function valueOf(input, before) {
  if (input.type === "checkbox") return input.checked;
  if (input.dataset.values) return JSON.parse(input.dataset.values)[input.value];
  return typeof before === "number" ? Number(input.value) : input.value;
}

function showValue(input, value, text) {
  if (input.type === "checkbox") input.checked = value;
  else if (input.dataset.values) input.value = JSON.parse(input.dataset.values).findLastIndex((each) => each <= value);
  else if (input.value !== String(value)) input.value = value;
  if (input.type !== "range") return;
  input.setAttribute("aria-valuetext", text(value));
  input.parentElement.querySelector("output").textContent = text(value);
}

// JupyterLab listens at the document and would take the keys of a control for commands of its own.
function keepKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

/**
 * Put the markup into `el` unless the build did so already, and keep controls, traits and picture in step: a control sets
 * its trait, and each change of a trait, whoever made it, sets the control and calls `update(state)`.
 *
 * traits: the names that `markup` and `update` read; texts: for a slider's trait, a function from value to shown text;
 * actions: what the buttons do. Returns a function that takes the wires off again.
 */
export function wire({ model, el, traits, markup, update, texts = {}, actions = {} }) {
  if (!el.querySelector(".upright")) el.innerHTML = markup(stateOf(model, traits));
  const read = (event) => {
    const input = event.target.closest("[data-trait]");
    if (!input) return;
    const { trait, index } = input.dataset;
    const before = model.get(trait);
    model.set(trait, index === undefined ? valueOf(input, before) : before.map((each, i) => (i === Number(index) ? Number(input.value) : each)));
    model.save_changes();
  };
  const press = (event) => actions[event.target.closest("[data-action]")?.dataset.action]?.(event);
  const show = () => {
    for (const input of el.querySelectorAll("[data-trait]")) {
      const { trait, index } = input.dataset;
      showValue(input, index === undefined ? model.get(trait) : model.get(trait)[index], texts[trait] ?? ((value) => number(value)));
    }
    update(stateOf(model, traits));
  };
  el.addEventListener("input", read);
  el.addEventListener("click", press);
  el.addEventListener("keydown", keepKeys);
  for (const trait of traits) model.on(`change:${trait}`, show);
  show();
  return () => {
    el.removeEventListener("input", read);
    el.removeEventListener("click", press);
    el.removeEventListener("keydown", keepKeys);
    for (const trait of traits) model.off(`change:${trait}`, show);
  };
}

/** Replace what one element of the figure holds. */
export function put(el, selector, html) {
  const target = el.querySelector(selector);
  if (target.innerHTML !== html) target.innerHTML = html;
}

/** Whether the reader asked for less motion: then nothing moves by itself. */
export function calm() {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
