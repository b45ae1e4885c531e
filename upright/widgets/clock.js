// Time for figures that move when the reader starts them.

const LONGEST = 0.1; // seconds between two frames; a page that was held up does not rush to catch up

/**
 * After `start()`, `tick()` is called `rate()` times a second, and `draw(part)` once a frame, where `part`, from 0 to 1,
 * is how much of the next tick has passed. `stop()` ends that. It also ends when `el` leaves the window or the page is
 * hidden: then `halted()` is called. Never starts by itself.
 */
export function clock({ el, rate, tick, draw, halted }) {
  let frame = null;
  let last = null;
  let due = 0;
  const run = (now) => {
    due += Math.min((now - (last ?? now)) / 1000, LONGEST) * rate();
    last = now;
    for (; due >= 1 && frame !== null; due -= 1) tick();
    if (frame === null) return;
    draw(due);
    frame = requestAnimationFrame(run);
  };
  const stop = () => {
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
  };
  const start = () => {
    stop();
    [last, due] = [null, 0];
    frame = requestAnimationFrame(run);
  };
  const halt = () => {
    if (frame === null) return;
    stop();
    halted();
  };
  const hide = () => document.hidden && halt();
  const sight = new IntersectionObserver((seen) => seen.at(-1).isIntersecting || halt());
  sight.observe(el);
  document.addEventListener("visibilitychange", hide);
  const remove = () => {
    stop();
    sight.disconnect();
    document.removeEventListener("visibilitychange", hide);
  };
  return { start, stop, remove, running: () => frame !== null };
}
