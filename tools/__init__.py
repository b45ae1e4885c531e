"""What the Makefile calls: installing, executing, building, serving, checking."""
