"""Steps for ever."""
# lab: lab1_episodes
# most: 0
# says: limit

def run_episode(env, policy):
    env.reset()
    while True:
        try:
            env.step(0)
        except RuntimeError:
            pass
