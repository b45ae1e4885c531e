"""Common mistakes of lab 2: a cell runs after the solution and this head, and replaces a function of it.

Its title names the mistake, the check that it loses, and words of the hint that it earns.
"""

import numpy as np

# %% gives a float | policy: gives an action | Return 0


def policy(observation):
    return float(observation[2] + 0.5 * observation[3])


# %% gives an array | policy: gives an action | Return 0


def policy(observation):
    return (np.array([observation[2] + 0.5 * observation[3]]) > 0).astype(int)


# %% gives -1 and 1 | policy: gives an action | Return 0


def policy(observation):
    return int(np.sign(observation[2] + 0.5 * observation[3]))


# %% forgets to return | policy: gives an action | Return 0


def policy(observation):
    int(observation[2] + 0.5 * observation[3] > 0)


# %% ignores the angular velocity | mean_return | the angular velocity, observation[3], together


def policy(observation):
    return int(observation[2] > 0)


# %% ignores the angle | mean_return | Use the angle, observation[2]


def policy(observation):
    return int(observation[0] > 0)


# %% pushes to the other side | mean_return | needs a push to the right


def policy(observation):
    return int(observation[2] + 0.5 * observation[3] < 0)


# %% chooses at random | mean_return | leans to the right


def policy(observation):
    return int(np.random.default_rng().integers(2))


# %% one evaluation too many | random_search: respects its budget | exactly `budget` times


def random_search(evaluate, sample, budget):
    best_score, best_weights = -np.inf, None
    for _ in range(budget + 1):
        weights = sample()
        score = evaluate(weights)
        if score > best_score:
            best_score, best_weights = score, weights
    return best_weights


# %% one evaluation too few | random_search: respects its budget | exactly `budget` times


def random_search(evaluate, sample, budget):
    best_score, best_weights = -np.inf, None
    for _ in range(1, budget):
        weights = sample()
        score = evaluate(weights)
        if score > best_score:
            best_score, best_weights = score, weights
    return best_weights


# %% the candidate before the loop is not counted | random_search: respects its budget | exactly `budget` times


def random_search(evaluate, sample, budget):
    best_weights = sample()
    best_score = evaluate(best_weights)
    for _ in range(budget):
        weights = sample()
        score = evaluate(weights)
        if score > best_score:
            best_score, best_weights = score, weights
    return best_weights


# %% measures every candidate twice | random_search: respects its budget | exactly `budget` times


def random_search(evaluate, sample, budget):
    best_weights = sample()
    best_score = -np.inf
    for _ in range(budget):
        weights = sample()
        if evaluate(weights) > best_score:
            best_score, best_weights = evaluate(weights), weights
    return best_weights


# %% measures the winner again | random_search: respects its budget | exactly `budget` times


def random_search(evaluate, sample, budget):
    candidates = [sample() for _ in range(budget)]
    best = max(candidates, key=evaluate)
    print(f"score {evaluate(best)}")
    return best


# %% returns new weights | random_search: returns weights that it tried | that evaluate() was given


def random_search(evaluate, sample, budget):
    for _ in range(budget - 1):
        evaluate(sample())
    evaluate([0.0, 0.0, 0.0, 0.0])
    return sample()


# %% returns the score | random_search: returns weights that it tried | the very weights


def random_search(evaluate, sample, budget):
    return max(evaluate(sample()) for _ in range(budget))


# %% returns weights and score | random_search: returns weights that it tried | the very weights


def random_search(evaluate, sample, budget):
    candidates = [sample() for _ in range(budget)]
    scores = [evaluate(weights) for weights in candidates]
    return candidates[int(np.argmax(scores))], max(scores)


# %% returns the mean of the good ones | random_search: returns weights that it tried | the very weights


def random_search(evaluate, sample, budget):
    candidates = sorted((sample() for _ in range(budget)), key=evaluate)
    return np.mean(candidates[-2:], axis=0) + 1e-3


# %% evaluates weights of its own | random_search: returns weights that it tried | with sample()


def random_search(evaluate, sample, budget):
    rng = np.random.default_rng(0)
    return max((sample() + 0.1 * rng.normal(size=4) for _ in range(budget)), key=evaluate)


# %% returns the last | random_search: returns the best | of the highest score


def random_search(evaluate, sample, budget):
    for _ in range(budget):
        weights = sample()
        evaluate(weights)
    return weights


# %% returns the first | random_search: returns the best | of the highest score


def random_search(evaluate, sample, budget):
    candidates = [sample() for _ in range(budget)]
    for weights in candidates:
        evaluate(weights)
    return candidates[0]


# %% keeps the lowest score | random_search: returns the best | of the highest score


def random_search(evaluate, sample, budget):
    return min((sample() for _ in range(budget)), key=evaluate)


# %% starts from zero | random_search: returns the best | Start from minus infinity


def random_search(evaluate, sample, budget):
    best_score, best_weights = 0.0, None
    for _ in range(budget):
        weights = sample()
        score = evaluate(weights)
        if score > best_score:
            best_score, best_weights = score, weights
    return best_weights


# %% forgets to raise the bar | random_search: returns the best | of the highest score


def random_search(evaluate, sample, budget):
    best_score, best_weights = -np.inf, None
    for _ in range(budget):
        weights = sample()
        if evaluate(weights) > best_score:
            best_weights = weights
    return best_weights


# %% writes every candidate into one array | random_search: returns the best | of the highest score


def random_search(evaluate, sample, budget):
    weights, best_score, best_weights = np.zeros(4), -np.inf, None
    for _ in range(budget):
        weights[:] = sample()
        score = evaluate(weights)
        if score > best_score:
            best_score, best_weights = score, weights
    return best_weights
