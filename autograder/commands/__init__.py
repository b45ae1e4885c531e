"""The commands of `autograder`, a module each: HELP, its line in the list; add_arguments; run, which returns the exit
code."""
