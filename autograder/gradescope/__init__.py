"""Gradescope: a zip that it builds an autograder from, and what that does with one submission."""
