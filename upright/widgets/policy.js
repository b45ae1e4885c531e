// A policy as data, `upright-policy/1`: the same forward pass as upright.Policy.

const ACTIVATIONS = { linear: (x) => x, relu: (x) => Math.max(x, 0), tanh: Math.tanh };

/** One number per action for one observation. */
export function logits(policy, observation) {
  let values = observation;
  for (const { weight, bias, activation } of policy.layers) {
    const activate = ACTIVATIONS[activation];
    values = weight.map((row, i) => activate(row.reduce((sum, w, j) => sum + w * values[j], 0) + bias[i]));
  }
  return values;
}

/** The greedy action: the position of the largest logit, the first one when several are equal. */
export function greedy(policy, observation) {
  const scores = logits(policy, observation);
  return scores.indexOf(Math.max(...scores));
}

/** The action of four weights: 1 when the weighted sum of the observation is above zero. */
export function linear(weights, observation) {
  return weights.reduce((sum, w, i) => sum + w * observation[i], 0) > 0 ? 1 : 0;
}
