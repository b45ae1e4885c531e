"""Common mistakes of lab 1: a cell runs after the solution and this head, and replaces a function of it.

Its title names the mistake, the check that it loses, and words of the hint that it earns.
"""

# %% ignores truncated | run_episode: ends when truncated | stop when either is


def run_episode(env, policy):
    observation, _ = env.reset()
    total, terminated = 0.0, False
    while not terminated:
        observation, reward, terminated, _, _ = env.step(policy(observation))
        total += reward
    return total


# %% ignores terminated | run_episode: ends when terminated | stop when either is


def run_episode(env, policy):
    observation, _ = env.reset()
    total, truncated = 0.0, False
    while not truncated:
        observation, reward, _, truncated, _ = env.step(policy(observation))
        total += reward
    return total


# %% waits for both flags | run_episode: ends when terminated | stop when either is


def run_episode(env, policy):
    observation, _ = env.reset()
    total, terminated, truncated = 0.0, False, False
    while not (terminated and truncated):
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
    return total


# %% stops only when exactly one flag is set | run_episode: one step, and both flags at once | stop when either is


def run_episode(env, policy):
    observation, _ = env.reset()
    total, terminated, truncated = 0.0, False, False
    while terminated == truncated:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
    return total


# %% plays a fixed number of steps | run_episode: ends when terminated | until the episode is terminated or truncated


def run_episode(env, policy):
    observation, _ = env.reset()
    total = 0.0
    for _ in range(2):
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        if terminated or truncated:
            break
    return total


# %% unpacks four values | run_episode: ends when terminated | step() gives five values


def run_episode(env, policy):
    observation, _ = env.reset()
    total, done = 0.0, False
    while not done:
        observation, reward, done, _ = env.step(policy(observation))
        total += reward
    return total


# %% leaves out the last reward | run_episode: sums the rewards | The last reward is missing


def run_episode(env, policy):
    observation, _ = env.reset()
    total = 0.0
    while True:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        if terminated or truncated:
            return total
        total += reward


# %% leaves out the first reward | run_episode: sums the rewards | The first reward is missing


def run_episode(env, policy):
    observation, _ = env.reset()
    observation, _, terminated, truncated, _ = env.step(policy(observation))
    total = 0.0
    while not (terminated or truncated):
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
    return total


# %% counts steps | run_episode: sums the rewards | do not count the steps


def run_episode(env, policy):
    observation, _ = env.reset()
    steps, ended = 0, False
    while not ended:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        steps += 1
        ended = terminated or truncated
    return steps


# %% keeps the last reward only | run_episode: sums the rewards | the last reward alone


def run_episode(env, policy):
    observation, _ = env.reset()
    total, ended = 0.0, False
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total = reward
        ended = terminated or truncated
    return total


# %% prints instead of returning | run_episode: sums the rewards | return total


def run_episode(env, policy):
    observation, _ = env.reset()
    total, ended = 0.0, False
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        ended = terminated or truncated
    print(f"The return is {total}")


# %% resets inside the loop | run_episode: one reset, the policy's actions | and nowhere else


def run_episode(env, policy):
    total, ended = 0.0, False
    for _ in range(50):
        observation, _ = env.reset()
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        ended = terminated or truncated
        if ended:
            break
    return total


# %% shows the policy the first observation for ever | run_episode: one reset, the policy's actions | newest observation


def run_episode(env, policy):
    observation, _ = env.reset()
    total, ended = 0.0, False
    while not ended:
        _, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        ended = terminated or truncated
    return total


# %% takes reset's two values for one | run_episode: one reset, the policy's actions | observation, info = env.reset()


def run_episode(env, policy):
    observation = env.reset()
    total, ended = 0.0, False
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        ended = terminated or truncated
    return total


# %% samples actions | run_episode: one reset, the policy's actions | the very action


def run_episode(env, policy):
    env.reset()
    total, ended = 0.0, False
    while not ended:
        _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        total += reward
        ended = terminated or truncated
    return total


# %% asks the policy once | run_episode: one reset, the policy's actions | the very action


def run_episode(env, policy):
    observation, _ = env.reset()
    action = policy(observation)
    total, ended = 0.0, False
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(action)
        total += reward
        ended = terminated or truncated
    return total


# %% plays once and repeats the return | evaluate: one return for each episode | Play each episode anew


def evaluate(env, policy, episodes):
    return [run_episode(env, policy)] * episodes


# %% returns the mean | evaluate: one return for each episode | Return a list


def evaluate(env, policy, episodes):
    return sum(run_episode(env, policy) for _ in range(episodes)) / episodes


# %% plays one episode too few | evaluate: one return for each episode | one return for each episode


def evaluate(env, policy, episodes):
    return [run_episode(env, policy) for _ in range(1, episodes)]


# %% sorts the returns | evaluate: one return for each episode | in the order in which they were played


def evaluate(env, policy, episodes):
    return sorted((run_episode(env, policy) for _ in range(episodes)), reverse=True)


# %% adds returns up from one episode to the next | evaluate: one return for each episode | Play each episode anew


def evaluate(env, policy, episodes):
    total, returns = 0.0, []
    for _ in range(episodes):
        total += run_episode(env, policy)
        returns.append(total)
    return returns


# %% remembers returns from call to call | evaluate: plays every episode afresh | every time that evaluate is called

remembered = {}


def evaluate(env, policy, episodes):
    if episodes not in remembered:
        remembered[episodes] = [run_episode(env, policy) for _ in range(episodes)]
    return remembered[episodes]


# %% keeps one list for all calls | evaluate: one return for each episode | Return a list with one return

returns = []


def evaluate(env, policy, episodes):
    for _ in range(episodes):
        returns.append(run_episode(env, policy))
    return returns


# %% forgets gamma | td_target: the episode goes on | multiply it by gamma


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward if terminated else reward + next_value


# %% forgets the reward | td_target: the episode goes on | The reward of this step is missing


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward if terminated else gamma * next_value


# %% discounts the reward too | td_target: the episode goes on | not the reward


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward if terminated else gamma * (reward + next_value)


# %% bootstraps at termination | td_target: terminated | After a termination nothing more comes


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward + gamma * next_value


# %% bootstraps at a termination in the last step | td_target: terminated | After a termination nothing more comes


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward if terminated and not truncated else reward + gamma * next_value


# %% takes truncation for termination | td_target: truncated | only the clock stopped it


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward if terminated or truncated else reward + gamma * next_value
