"""Ends the process with a segmentation fault."""
# lab: lab1_episodes
# most: 0
# says: student_error

import ctypes


def td_target(*args):
    ctypes.string_at(0)
