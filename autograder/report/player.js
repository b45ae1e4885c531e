// Shows each Replay of the page with the player of the book, at the step where the episode was lost.

function model(values) {
  const listeners = new EventTarget();
  return {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      listeners.dispatchEvent(new Event(`change:${name}`));
    },
    save_changes() {},
    on: (name, callback) => listeners.addEventListener(name, callback),
    off: (name, callback) => listeners.removeEventListener(name, callback),
  };
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => (document.documentElement.dataset.theme = dark.matches ? "dark" : "light");
dark.addEventListener("change", follow);
follow();

const replays = JSON.parse(document.getElementById("replays").textContent);
document.querySelectorAll(".replay").forEach((place, i) => {
  widget.render({ model: model({ ...replays[i], speed: 0.25 }), el: place });
  place.dataset.mounted = "true";
});
