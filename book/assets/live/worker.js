// Python for the live cells of one page, in a worker of its own: an endless loop there leaves the page alone.
// In: {number, code}. Out: {kind: "ready"}, {kind: stdout | stderr | result | cut | error | hint, text}, {kind: "done", line}.
import { loadPyodide } from "../pyodide/pyodide.mjs";

const MODULES = ["as_numpy.py", "gymnasium.py", "runner.py"];

async function fetchText(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.text();
}

async function start() {
  const [python, ...sources] = await Promise.all([
    loadPyodide({ indexURL: new URL("../pyodide/", import.meta.url).href, stdin: () => null }),
    ...MODULES.map(fetchText),
  ]);
  const folder = python.FS.cwd();
  MODULES.forEach((name, index) => python.FS.writeFile(`${folder}/${name}`, sources[index]));
  const runner = python.pyimport("runner");
  runner.prepare();
  return runner;
}

const started = start();
started.then(
  () => postMessage({ kind: "ready" }),
  (error) => postMessage({ kind: "failed", text: String(error) }),
);

onmessage = async ({ data }) => {
  const runner = await started;
  const line = runner.run(data.number, data.code, (kind, text) => postMessage({ kind, text }));
  postMessage({ kind: "done", line });
};
