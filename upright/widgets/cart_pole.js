// Drive the cart: by hand, at random, with four weights or with a trained network; and see why an episode ends.

import { clock } from "./clock.js";
import { cockpit, DRIVERS, numbers, pads, picture, reading, role, TEXTS, weighing } from "./cockpit.js";
import { advance, begin, decide, observe, over } from "./episode.js";
import { calm, put, stateOf, wire } from "./parts.js";
import { STANDARD } from "./physics.js";

const PHYSICS = ["gravity", "length", "force_mag", "noise"];
const TRAITS = ["driver", "drivers", "controls", "weights", "policy", "seed", "speed", "max_episode_steps", ...PHYSICS];

/** The figure as HTML text. */
export function markup(state) {
  return cockpit(state);
}

/** One figure while it is on a page: its episode, whether time runs, and the reader's last direction. */
class Player {
  constructor(model, el) {
    Object.assign(this, { model, el, pushed: null, begun: "" });
  }

  get settings() {
    return stateOf(this.model, TRAITS);
  }

  /** Whether time stands until the reader's first push. */
  get waits() {
    return this.model.get("driver") === "you" && this.pushed === null;
  }

  wind() {
    this.clock = clock({
      el: this.el.querySelector(".upright-picture"),
      rate: () => this.model.get("speed") / STANDARD.tau,
      tick: () => this.tick(),
      draw: (part) => this.draw(calm() || this.waits ? 0 : part),
      halted: () => this.pause(),
    });
  }

  /** A trait changed: another seed, driver or limit begins the episode again. */
  update(settings) {
    const begun = JSON.stringify([settings.seed, settings.driver, settings.max_episode_steps]);
    if (begun !== this.begun) {
      const fresh = this.begun === "";
      this.begun = begun;
      this.restart(settings);
      if (!fresh) this.publish();
    }
    this.draw();
  }

  restart(settings) {
    this.clock?.stop();
    this.episode = begin(settings.seed);
    this.pushed = null;
    const [svg, howto] = [".upright-picture", ".upright-howto"].map((selector) => this.el.querySelector(selector));
    svg.setAttribute("role", role(settings));
    if (settings.driver === "you") svg.setAttribute("tabindex", "0");
    else svg.removeAttribute("tabindex");
    howto.hidden = settings.driver !== "you";
    put(this.el, ".upright-pads", pads(settings));
    const weights = this.el.querySelector(".upright-weights");
    if (weights) weights.hidden = settings.driver !== "linear";
    this.tell(reading(settings, this.episode));
  }

  draw(part = 0) {
    const { settings, episode } = this;
    put(this.el, ".upright-picture", picture(settings, episode, over(episode) ? 0 : part));
    put(this.el, ".upright-readout", numbers(settings, episode));
    if (settings.drivers.includes("linear")) put(this.el, ".upright-sum", weighing(settings, episode));
  }

  tell(sentence) {
    const label = this.clock?.running() ? "Pause" : "Start";
    put(this.el, ".start", label);
    put(this.el, ".upright-reading", sentence);
  }

  /** One step by whoever drives; in a hand's figure none before the first push. */
  tick() {
    const action = decide(this.episode, this.settings, this.pushed);
    if (action === null || over(this.episode)) return;
    this.episode = advance(this.episode, action, this.settings);
    if (over(this.episode)) this.pause();
  }

  single() {
    if (over(this.episode)) return;
    this.clock.stop();
    this.tick();
    if (!over(this.episode)) this.pause();
  }

  push(action) {
    if (over(this.episode)) return;
    this.pushed = action;
    if (!this.clock.running()) this.single();
  }

  start() {
    if (over(this.episode)) this.renew();
    const byHand = this.settings.driver === "you";
    this.pushed = null;
    this.clock.start();
    const who = DRIVERS[this.settings.driver];
    this.tell(byHand ? "Ready. The time runs from your next push, left or right." : `The time runs. Who pushes: ${who}.`);
    if (byHand) this.el.querySelector(".upright-picture").focus({ preventScroll: true });
  }

  pause() {
    this.clock.stop();
    this.draw();
    this.tell(reading(this.settings, this.episode));
    this.publish();
  }

  toggle() {
    if (this.clock.running()) this.pause();
    else this.start();
  }

  renew() {
    this.model.set("seed", (this.settings.seed + 1) % 2 ** 32);
    this.model.save_changes();
  }

  /** Leave the results where Python can read them. */
  publish() {
    const { steps, total, terminated, truncated } = this.episode;
    const results = { step: steps, episode_return: total, terminated, truncated };
    results.observation = observe(this.episode, this.settings.noise);
    for (const [name, value] of Object.entries(results)) this.model.set(name, value);
    this.model.save_changes();
  }

  key(event) {
    const keys = { ArrowLeft: () => this.push(0), ArrowRight: () => this.push(1), " ": () => this.toggle() };
    const act = keys[event.key];
    if (!act || this.settings.driver !== "you" || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (!event.repeat) act();
  }
}

// A finger on the picture pushes to the side that it touches: at once while time runs, else when it is lifted, so that
// a finger which scrolls the page pushes nothing.
function touches(player, svg) {
  const push = (event) => {
    const box = svg.getBoundingClientRect();
    player.push(event.clientX < box.left + box.width / 2 ? 0 : 1);
  };
  const byFinger = (event) => event.pointerType !== "mouse" && player.settings.driver === "you";
  let down = false;
  svg.addEventListener("pointerdown", (event) => {
    if (!byFinger(event)) return;
    down = !player.clock.running();
    if (!down) push(event);
  });
  svg.addEventListener("pointerup", (event) => {
    if (down && byFinger(event)) push(event);
    down = false;
  });
  svg.addEventListener("pointercancel", () => (down = false));
}

const SIDES = { left: 0, right: 1 };

function render({ model, el }) {
  const player = new Player(model, el);
  // While time runs a pad answers when it is pressed down: the click that follows comes when the finger leaves it.
  const click = (event) => {
    const action = SIDES[event.target.closest("button").dataset.action];
    if (event.detail === 0 || !player.clock.running()) player.push(action);
  };
  const actions = {
    left: click,
    right: click,
    step: () => player.single(),
    start: () => player.toggle(),
    renew: () => player.renew(),
  };
  const unwire = wire({ model, el, traits: TRAITS, markup, update: (state) => player.update(state), texts: TEXTS, actions });
  player.wind();
  const svg = el.querySelector(".upright-picture");
  svg.addEventListener("keydown", (event) => player.key(event));
  touches(player, svg);
  el.querySelector(".upright-pads").addEventListener("pointerdown", (event) => {
    const action = SIDES[event.target.closest("button")?.dataset.action];
    if (action !== undefined && player.clock.running()) player.push(action);
  });
  return () => {
    unwire();
    player.clock.remove();
  };
}

export default { render };
