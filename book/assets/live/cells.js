// Cells that run and can be edited in the page. Nothing of Python is loaded before the first one is run.

const SHOWN = 20_000; // characters of a cell's output that the page shows
const WORKER = new URL("worker.js", import.meta.url);

/** One cell of the page: its code as it was published, and what the reader made of it. */
class Cell {
  constructor(place, number) {
    this.place = place;
    this.number = number;
    this.code = place.querySelector(".cell_input");
    this.published = this.code.querySelector("pre").textContent.replace(/\n$/, "");
    this.recorded = place.querySelector(".cell_output");
    this.bar = place.querySelector(".live-bar");
    this.status = this.bar.querySelector("[role=status]");
    this.fresh = false; // whether the present Python has run it as it is now
  }

  get editor() {
    return this.place.querySelector("textarea");
  }

  get source() {
    return this.editor?.value ?? this.published;
  }

  button(name) {
    return this.bar.querySelector(`[data-do=${name}]`);
  }

  edit() {
    if (this.editor) return this.editor.focus();
    const editor = document.createElement("textarea");
    editor.value = this.published;
    editor.className = "live-editor";
    editor.spellcheck = false;
    editor.autocapitalize = "off";
    editor.setAttribute("aria-label", `Code of live cell ${this.number}. Shift and Enter run it.`);
    editor.rows = this.published.split("\n").length;
    this.code.hidden = true;
    this.code.after(editor);
    this.button("reset").disabled = false;
    editor.addEventListener("input", () => {
      this.fresh = false;
      editor.rows = Math.max(editor.value.split("\n").length, 2);
    });
    editor.focus();
  }

  reset() {
    this.editor?.remove();
    this.code.hidden = false;
    this.fresh = false;
    this.button("reset").disabled = true;
    this.output?.remove();
    if (this.recorded) this.recorded.hidden = false;
    this.say("As published.");
    this.button("edit").focus();
  }

  say(text) {
    this.status.textContent = text;
  }

  clear() {
    this.output?.remove();
    if (this.recorded) this.recorded.hidden = true;
    this.output = document.createElement("div");
    this.output.className = "live-output";
    this.bar.after(this.output);
    this.shown = 0;
  }

  write(text, kind) {
    let part = this.output.lastElementChild;
    if (part?.dataset.kind !== kind) {
      part = document.createElement("pre");
      part.dataset.kind = kind;
      part.tabIndex = 0;
      this.output.append(part);
    }
    const room = SHOWN - this.shown;
    if (room <= 0) return;
    part.append(text.slice(0, room));
    this.shown += text.length;
    if (this.shown >= SHOWN) part.append("\n… (the page shows no more than 20,000 characters)\n");
  }

  /** What stands below a result: where it comes from. */
  sign() {
    const note = document.createElement("p");
    note.className = "live-note";
    note.textContent = "Ran in this page, with Upright’s own stand-in for Gymnasium.";
    this.output.append(note);
  }
}

/** The page's one Python. It is started by the first run, and anew after it was stopped. */
class Python {
  start() {
    this.worker = new Worker(WORKER, { type: "module" });
    this.loaded = new Promise((done, failed) => {
      this.worker.addEventListener("message", ({ data }) => {
        if (data.ready) done();
        if (data.failed) failed(new Error(data.failed));
      });
      this.worker.addEventListener("error", (event) => failed(new Error(event.message)));
    });
  }

  /** Run one cell; resolves to {value, error}, or to null when it was stopped. */
  async run(cell) {
    if (!this.worker) this.start();
    await this.loaded;
    return new Promise((done) => {
      this.stopped = () => done(null);
      this.worker.onerror = (event) => done({ error: `Python broke down: ${event.message}` });
      this.worker.onmessage = ({ data }) => {
        if (data.text) cell.write(data.text, data.stream);
        if (data.done) done(data);
      };
      this.worker.postMessage({ source: cell.source, number: cell.number });
    });
  }

  stop() {
    this.worker.terminate();
    this.start();
    this.stopped?.();
  }
}

const python = new Python();
const cells = [...document.querySelectorAll(".cell.tag_live")].map((place, i) => new Cell(place, i + 1));
let running = null;

/** Run a cell, and before it the cells above it that this Python does not know yet. */
async function run(target) {
  if (running) return;
  const wanted = cells.slice(0, cells.indexOf(target)).filter((cell) => !cell.fresh);
  for (const cell of [...wanted, target]) {
    running = cell;
    if (!(await runOne(cell, cell === target ? wanted.length : 0))) {
      if (cell !== target) target.say(`Not run: cell ${cell.number} above ended with an error or was stopped.`);
      break;
    }
  }
  running = null;
}

async function runOne(cell, before) {
  cell.clear();
  cell.button("run").disabled = true;
  cell.button("stop").disabled = false;
  cell.say(python.worker ? "Running …" : "Loading Python (6 MB, once) …");
  const begun = performance.now();
  const result = await python.run(cell).catch((error) => ({ error: `Python did not start: ${error.message}` }));
  cell.button("run").disabled = false;
  cell.button("stop").disabled = true;
  if (!result) {
    forget();
    cell.say("Stopped. The next run starts afresh, with the cells above.");
    return false;
  }
  if (result.value !== undefined) cell.write(`${result.value}\n`, "value");
  if (result.error) cell.write(`${result.error}\n`, "error");
  cell.sign();
  cell.fresh = !result.error;
  const above = before ? ` The ${before === 1 ? "cell" : `${before} cells`} above ran first.` : "";
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  cell.say(result.error ? "Ended with an error." : `Done in ${seconds} s.${above}`);
  return !result.error;
}

function forget() {
  for (const cell of cells) cell.fresh = false;
}

const deeds = {
  run: (cell) => run(cell),
  edit: (cell) => cell.edit(),
  reset: (cell) => cell.reset(),
  stop: () => running && python.stop(),
};

function keyInEditor(event, cell) {
  if (event.key !== "Enter") return;
  event.stopPropagation();
  if (event.shiftKey) {
    event.preventDefault();
    run(cell);
  } else {
    // A new line begins as far to the right as the one before, and further after a colon.
    event.preventDefault();
    const { editor } = cell;
    const line = editor.value.slice(0, editor.selectionStart).split("\n").at(-1);
    const indent = line.match(/^ */)[0] + (line.trimEnd().endsWith(":") ? "    " : "");
    editor.setRangeText(`\n${indent}`, editor.selectionStart, editor.selectionEnd, "end");
    editor.dispatchEvent(new Event("input"));
  }
}

for (const cell of cells) {
  cell.place.addEventListener("click", (event) => deeds[event.target.closest("[data-do]")?.dataset.do]?.(cell));
  cell.place.addEventListener("keydown", (event) => event.target === cell.editor && keyInEditor(event, cell));
  cell.bar.dataset.ready = "true";
}
