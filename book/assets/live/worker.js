// Python in a thread of its own, so that the page stays free and an endless loop can be ended. Messages to it:
// {source, number}. From it: {ready}, {text, stream}, and {done, value?, error?} once a cell has ended.

import { loadPyodide } from "../pyodide/pyodide.mjs";

const LIMIT = 100_000; // characters of output of one cell; more would only fill the memory
const PAUSE = 40; // milliseconds between two messages with output

let waiting = { stdout: "", stderr: "" };
let sent = 0;
let last = 0;

function flush() {
  for (const stream of ["stdout", "stderr"]) {
    if (waiting[stream]) postMessage({ stream, text: waiting[stream] });
  }
  waiting = { stdout: "", stderr: "" };
  last = performance.now();
}

function writer(stream) {
  const decoder = new TextDecoder();
  return (bytes) => {
    if (sent < LIMIT) {
      const text = decoder.decode(bytes, { stream: true }).slice(0, LIMIT - sent);
      waiting[stream] += text;
      sent += text.length;
      if (sent >= LIMIT) waiting[stream] += "\n… (the rest of this cell's output is left out)\n";
      if (performance.now() - last > PAUSE) flush();
    }
    return bytes.length;
  };
}

const source = async (name) => (await fetch(new URL(name, import.meta.url))).text();

const started = (async () => {
  const [python, runner, gymnasium] = await Promise.all([
    loadPyodide({ indexURL: new URL("../pyodide/", import.meta.url).href }),
    source("runner.py"),
    source("gymnasium.py"),
  ]);
  python.FS.writeFile("runner.py", runner);
  python.FS.writeFile("gymnasium.py", gymnasium);
  for (const [name, stream] of [["setStdout", "stdout"], ["setStderr", "stderr"]]) {
    python[name]({ write: writer(stream), isatty: false });
  }
  return python.pyimport("runner");
})();

started.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

addEventListener("message", async ({ data }) => {
  const runner = await started;
  sent = 0;
  const result = runner.run(data.source, data.number);
  const { value, error } = result.toJs({ dict_converter: Object.fromEntries });
  result.destroy();
  flush();
  postMessage({ done: true, value, error });
});
