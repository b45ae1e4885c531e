"""Writes one endless file."""
# lab: lab1_episodes
# most: 0
# says: limit

def run_episode(env, policy):
    with open("/tmp/huge", "wb") as file:
        while True:
            file.write(bytes(10_000_000))
