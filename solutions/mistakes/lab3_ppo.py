"""Common mistakes of lab 3. A cell runs after the solution has trained, and before the export; its title names the
mistake, the check that it loses, and words of the hint that it earns. Graded on a variant, not on the standard."""
# ruff: noqa: F821 - the names are those that the solution's notebook has defined

# %% exports the policy before training | mean_return | Export the policy after training

algo = config.build_algo()
policy = export_policy(algo.get_module())
algo.stop()

# %% stops after the first progress | mean_return | not learned enough

algo = config.build_algo()
mean = 0.0
while mean < 60:
    algo.train()
    policy = export_policy(algo.get_module())
    mean = upright.evaluate_batch(policy, 100, seed=10_000, env_id=ENV_ID, variant=VARIANT).mean()
algo.stop()

# %% trains on the standard physics | mean_return | Your course has its own

policy = solve(cartpole_config(SEED), target=198).policy

# %% the logits have the wrong sign | mean_return | left and right exchanged

data = policy.model_dump(mode="json")
last = data["layers"][-1]
last["weight"] = [[-number for number in row] for row in last["weight"]]
last["bias"] = [-number for number in last["bias"]]
policy = upright.Policy.parse(data)

# %% the weights are transposed | mean_return | square weights transposed

data = policy.model_dump(mode="json")
data["layers"][1]["weight"] = np.transpose(data["layers"][1]["weight"]).tolist()
policy = upright.Policy.parse(data)

# %% names the wrong activation function | mean_return | another activation function

data = policy.model_dump(mode="json")
for layer in data["layers"][:-1]:
    layer["activation"] = "relu"
policy = upright.Policy.parse(data)

# %% exports the value of a state, not the preference between actions | export | not the value network

data = policy.model_dump(mode="json")
last = data["layers"][-1]
data["layers"][-1] = {**last, "weight": last["weight"][:1], "bias": last["bias"][:1]}
policy = upright.Policy.parse({**data, "action_size": 1})

# %% exports from another environment, with six observations | export | takes 4 numbers

policy = upright.Policy.linear(np.ones((3, 6)))

# %% saves the policy to a file and does not export it | export | save the notebook with its outputs

policy = None
