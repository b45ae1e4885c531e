// Recorded learning curves, `upright-atlas/1`: read them, and put runs that differ in one thing side by side.

export const HYPERPARAMETERS = ["lr", "width", "activation", "clip_param"];
const FORMAT = "upright-atlas/1";

/** The file at `address` as data. Throws an Error whose message is a sentence for the reader. */
export async function fetchAtlas(address) {
  const answer = await fetch(address).catch(() => null);
  if (!answer) throw new Error("The recorded runs did not arrive: no connection.");
  if (!answer.ok) throw new Error(`The recorded runs did not arrive: the site answered ${answer.status}.`);
  const data = await answer.json().catch(() => null);
  if (!data) throw new Error("The recorded runs did not arrive whole.");
  if (data.format !== FORMAT)
    throw new Error(`The recorded runs have the format ${data.format}, but this page reads ${FORMAT}. Reload the page.`);
  return data;
}

/** The run with these hyperparameters and this seed. */
export function runOf(atlas, choice) {
  return atlas?.runs.find((run) => [...HYPERPARAMETERS, "seed"].every((name) => run[name] === choice[name]));
}

/** The seeds of the runs with these hyperparameters whose policies were kept. */
export function keptSeeds(atlas, choice) {
  const alike = atlas.runs.filter((run) => HYPERPARAMETERS.every((name) => run[name] === choice[name]));
  return alike.filter((run) => run.policy).map((run) => run.seed);
}

/**
 * The runs that share all hyperparameters of the choice but `compare`: for each value of that one, over its seeds, the
 * mean return and the lowest and the highest one, at each number of env steps.
 */
export function compared(atlas, choice) {
  const others = HYPERPARAMETERS.filter((name) => name !== choice.compare);
  const alike = atlas.runs.filter((run) => others.every((name) => run[name] === choice[name]));
  const values = [...new Set(alike.map((run) => run[choice.compare]))];
  return values.map((value) => {
    const curves = alike.filter((run) => run[choice.compare] === value).map((run) => run.returns);
    const over = (reduce) => atlas.env_steps.map((_, i) => reduce(curves.map((returns) => returns[i])));
    return {
      value,
      seeds: curves.length,
      mean: over((returns) => returns.reduce((sum, each) => sum + each, 0) / returns.length),
      low: over((returns) => Math.min(...returns)),
      high: over((returns) => Math.max(...returns)),
    };
  });
}
