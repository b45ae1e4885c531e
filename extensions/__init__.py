"""The book's own Sphinx extensions, one job each."""
