"""Raises SystemExit in the policy that evaluates."""
# lab: lab1_episodes
# most: 0
# says: student_error

def run_episode(env, policy):
    observation, _ = env.reset()
    raise SystemExit(policy(observation))


def evaluate(env, policy, episodes):
    raise KeyboardInterrupt


def td_target(*args):
    raise GeneratorExit
