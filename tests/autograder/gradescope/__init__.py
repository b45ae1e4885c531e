"""Gradescope as it is here: its folders, its container's walls, and what its documentation asks of results.json."""
