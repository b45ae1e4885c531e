// Brings the page's figures to life without a kernel: each is an anywidget, whose ES module and state the build left in
// the page. In Jupyter and on Colab the same module is loaded by anywidget itself.

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';

/** What anywidget calls a model: traits that can be read, set and listened to. There is no kernel to save them to. */
function model(state) {
  const values = { ...state };
  const listeners = new EventTarget();
  return {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      listeners.dispatchEvent(new Event(`change:${name}`));
      listeners.dispatchEvent(new Event("change"));
    },
    save_changes() {},
    send() {},
    on(names, callback) {
      for (const name of names.split(/\s+/)) listeners.addEventListener(name, callback);
    },
    off(names, callback) {
      for (const name of names.split(/\s+/)) listeners.removeEventListener(name, callback);
    },
  };
}

async function mount(place, models) {
  const { default: widget } = await import(new URL(place.dataset.module, import.meta.url));
  const own = models.get(place.dataset.model);
  // A figure that fetches data takes it from the site, which is one folder above this file. Only a page has a site: in
  // Jupyter, where `root` is missing, Python gives the data.
  place.dataset.root = new URL("..", import.meta.url).href;
  await widget.initialize?.({ model: own });
  await widget.render({ model: own, el: place });
  place.dataset.mounted = "true";
}

const { state } = JSON.parse(document.querySelector(STATE)?.textContent ?? '{"state":{}}');
const models = new Map(Object.entries(state).map(([id, found]) => [id, model(found.state)]));
for (const place of document.querySelectorAll(".upright-widget")) {
  mount(place, models).catch((error) => console.error(`${place.dataset.module} did not start:`, error));
}
