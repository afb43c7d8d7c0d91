"""Hidden tests of notebook 09."""
