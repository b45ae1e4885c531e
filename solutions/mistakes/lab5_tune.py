"""Common mistakes of lab 5. A cell runs after the solution has searched, and replaces `trials` or `best` before they
are exported; its title names the mistake, the check that it loses, and words of the hint that it earns."""
# ruff: noqa: F821 - the names are those that the solution's notebook has defined

# %% counts one configuration on several seeds as several trials | search | several seeds counts once

trials = [{"config": best, "env_steps": 2_000 + 512 * seed, "solved": True} for seed in range(8)]

# %% stops the search after five trials | search | raise num_samples

solved_first = sorted(trials, key=lambda trial: trial["config"] != best)
trials = solved_first[:5]

# %% recommends rounded numbers | search | every number of it unchanged

best = {**best, "lr": float(f"{best['lr']:.1g}") * 1.01}

# %% recommends what it never tried, the settings of the chapter | search | one of your trials

best = {}

# %% no trial gets enough env steps | search | No trial was solved

trials = [{**trial, "env_steps": 512, "solved": False} for trial in trials]

# %% recommends the trial that was not solved | search | the solved one with the fewest

trials = [*trials, {"config": {**best, "clip_param": 0.25}, "env_steps": 512, "solved": False}]
best = trials[-1]["config"]

# %% takes the slowest for the best: mode="max" | retrained | three other seeds

slow = {"lr": 1e-6, "train_batch_size_per_learner": 4096, "num_epochs": 1}
trials = [*trials, {"config": slow, "env_steps": 20_480, "solved": True}]
best = max((trial for trial in trials if trial["solved"]), key=lambda trial: trial["env_steps"])["config"]

# %% searches a key that is not in the table | export | keys and ranges of the table

trials = [{**trial, "config": {**trial["config"], "env": "CartPole-v1"}} for trial in trials]

# %% a learning rate outside of the range | export | keys and ranges of the table

trials[0] = {**trials[0], "config": {**trials[0]["config"], "lr": 0.5}}

# %% gives the learning rate as a schedule | export | keys and ranges of the table

best = {**best, "lr": [[0, 5e-3], [2000, 1e-3]]}

# %% forgets to say which is the best | export | keys and ranges of the table

best = None
