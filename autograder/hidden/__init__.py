"""Hidden tests, one file a notebook, named by its topic."""
