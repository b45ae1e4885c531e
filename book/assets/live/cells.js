// The controls of live cells. extensions/live_cells.py says what stands in the page, worker.js what runs the code.
// Nothing of Python is asked for before the first Run. A host of static files cannot share memory with a worker, so Stop
// ends the worker and starts a fresh one; Run brings that one up to where the reader is, by the cells above.
const LABELS = { run: "Run", stop: "Stop", edit: "Edit", reset: "Reset" };
const PAUSE = 30; // milliseconds between two looks at what has been printed
const IMPORTS_GYMNASIUM = /^\s*(import|from)\s+gymnasium\b/m;
const FIRST = "The first Run loads Python, about 6 MB.";
const STAND_IN = "Run in this page, with Upright’s own stand-in for Gymnasium.";

let worker = null;
let isReady = false;
let ran = new Set(); // the cells whose effects this worker has
let running = null; // {asked, cell, heard, settle} while a cell runs for the one that was asked for

const cells = [...document.querySelectorAll("div.cell.live")].map(mount);

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

function mount(element) {
  const bar = element.querySelector(".live-bar");
  const number = Number(bar.dataset.number);
  const input = element.querySelector(".cell_input");
  const recorded = [...element.children].filter((child) => child.classList.contains("cell_output"));
  const output = make("div", { className: "cell_output docutils container live-output", hidden: true });
  const cell = { element, number, input, recorded, output, editor: null, pending: [] };
  cell.shown = input.querySelector("pre");
  cell.original = cell.shown.textContent.trimEnd();
  element.append(output);
  bar.role = "group";
  bar.ariaLabel = `Live cell ${number}`;
  cell.buttons = {};
  for (const [name, label] of Object.entries(LABELS)) {
    const button = make("button", { type: "button", className: `live-${name}`, textContent: label });
    button.addEventListener("click", () => button.ariaDisabled !== "true" && ACTIONS[name](cell));
    bar.append((cell.buttons[name] = button));
  }
  cell.status = make("span", { className: "live-status", role: "status" });
  bar.append(cell.status);
  say(cell, FIRST);
  enable(cell);
  return cell;
}

// A disabled button would lose the focus, and with it the place of a reader who uses the keyboard.
function enable(cell) {
  const { run, stop, reset } = cell.buttons;
  run.ariaDisabled = String(running !== null);
  stop.ariaDisabled = String(running === null);
  reset.ariaDisabled = String(running !== null || (cell.output.hidden && !cell.editor));
}

function say(cell, text) {
  cell.status.textContent = text;
}

function codeOf(cell) {
  return cell.editor ? cell.editor.value : cell.original;
}

// ---- Python

function startWorker() {
  isReady = false;
  ran = new Set();
  const fresh = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  fresh.onmessage = ({ data }) => fresh === worker && hear(data);
  fresh.onerror = () => fresh === worker && hear({ kind: "failed" });
  return fresh;
}

function hear(message) {
  if (message.kind === "ready") {
    isReady = true;
    for (const cell of cells) if (cell.status.textContent === FIRST) say(cell, "");
    if (running) sayProgress();
  } else if (message.kind === "failed") {
    worker.terminate();
    worker = null; // the next Run tries again
    running?.settle(message);
  } else if (message.kind === "done") {
    running.settle(message);
  } else {
    running.cell.pending.push(message);
    running.timer ??= setTimeout(show, PAUSE);
  }
}

function sayProgress() {
  const { asked, cell } = running;
  const work = cell === asked ? "Running…" : `Running cell ${cell.number} first…`;
  say(asked, isReady ? work : "Loading Python…");
}

async function run(asked) {
  worker ??= startWorker();
  const start = performance.now();
  const chain = cells.filter((cell) => cell === asked || (cell.number < asked.number && !ran.has(cell)));
  let result;
  for (const cell of chain) {
    result = await execute(cell, asked);
    if (result.kind !== "done" || result.line) break;
  }
  const failed = running.cell;
  running = null;
  cells.forEach(enable);
  say(asked, verdict(result, failed, asked, chain.length - 1, (performance.now() - start) / 1000));
}

function verdict(result, last, asked, earlier, seconds) {
  if (result.kind === "stopped") return "Stopped. The next Run begins again with the cells above.";
  if (result.kind === "failed") return "Python could not be loaded. Reload the page, or open this chapter in Colab.";
  if (last !== asked) return `Cell ${last.number} above ended in an error, so this one did not run.`;
  if (result.line) return result.line > 0 ? `Error in line ${result.line}.` : "Error.";
  const first = { 0: "", 1: ", after the cell above" }[earlier] ?? `, after the ${earlier} cells above`;
  return `Done in ${seconds.toFixed(seconds < 1 ? 2 : 1)} s${first}.`;
}

async function execute(cell, asked) {
  const code = codeOf(cell);
  // As high as before until it is done: what the reader looks at shall not jump.
  cell.output.style.minHeight = `${(cell.recorded[0] ?? cell.output).offsetHeight || cell.output.offsetHeight}px`;
  cell.recorded.forEach((part) => (part.hidden = true));
  cell.output.hidden = false;
  cell.output.replaceChildren();
  mark(cell, 0);
  const done = new Promise((settle) => (running = { asked, cell, settle }));
  cells.forEach(enable);
  sayProgress();
  worker.postMessage({ number: cell.number, code });
  const result = await done;
  show();
  if (result.kind === "done") {
    if (!result.line) ran.add(cell);
    mark(cell, result.line);
    if (IMPORTS_GYMNASIUM.test(code)) cell.output.append(make("p", { className: "live-note", textContent: STAND_IN }));
  }
  cell.output.style.minHeight = "";
  return result;
}

function show() {
  clearTimeout(running.timer);
  running.timer = undefined;
  const { output, pending } = running.cell;
  for (const { kind, text } of pending.splice(0)) {
    let part = output.lastElementChild;
    if (part?.dataset.kind !== kind) {
      part = make("div", { className: `output ${kind === "stdout" ? "stream" : kind}` });
      part.dataset.kind = kind;
      const box = make("div", { className: "highlight" }); // as recorded output has it
      // Long output scrolls by itself, and a keyboard must reach it.
      box.append(make("pre", { tabIndex: 0, ariaLabel: `Output of live cell ${running.cell.number}`, role: "group" }));
      part.append(box);
      output.append(part);
    }
    part.querySelector("pre").append(text);
  }
}

function stop() {
  worker.terminate();
  worker = startWorker();
  running.settle({ kind: "stopped" });
}

// ---- The code

function mark(cell, line) {
  cell.input.classList.toggle("live-error-line", line > 0);
  cell.input.style.setProperty("--live-line", line - 1);
}

function edit(cell) {
  if (!cell.editor) {
    const code = cell.original;
    cell.editor = make("textarea", { className: "live-editor", value: code, wrap: "off", spellcheck: false });
    cell.editor.autocapitalize = "off";
    cell.editor.autocomplete = "off";
    cell.editor.ariaLabel = `Code of live cell ${cell.number}`;
    const look = getComputedStyle(cell.shown);
    for (const name of ["fontFamily", "fontSize", "lineHeight", "padding"]) cell.editor.style[name] = look[name];
    cell.editor.addEventListener("keydown", (event) => key(cell, event));
    cell.editor.addEventListener("input", () => {
      fit(cell);
      mark(cell, 0);
      ran.delete(cell); // what was run is not what stands here now
    });
    cell.input.append(cell.editor);
    cell.input.firstElementChild.hidden = true;
    fit(cell);
    enable(cell);
  }
  cell.editor.focus();
  if (!running) say(cell, "Shift+Enter runs the cell, Tab leaves the code.");
}

function fit({ editor }) {
  editor.rows = editor.value.split("\n").length;
}

function key(cell, event) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (event.shiftKey || event.ctrlKey || event.metaKey) {
    if (running) say(cell, "Another Run is not over yet: wait for it, or press Stop.");
    else run(cell);
    return;
  }
  const before = cell.editor.value.slice(0, cell.editor.selectionStart).split("\n").at(-1);
  const deeper = before.trimEnd().endsWith(":") ? "    " : "";
  // The one way to insert text that the browser's own undo knows about.
  document.execCommand("insertText", false, `\n${before.match(/^ */)[0]}${deeper}`);
  cell.editor.scrollLeft = 0;
}

function reset(cell) {
  cell.editor?.remove();
  cell.editor = null;
  cell.input.firstElementChild.hidden = false;
  cell.recorded.forEach((part) => (part.hidden = false));
  cell.output.hidden = true;
  cell.output.replaceChildren();
  mark(cell, 0);
  ran.delete(cell);
  say(cell, "The cell is as it was.");
  enable(cell);
}

const ACTIONS = { run, stop, edit, reset };
