"""Hidden tests of notebook 06, optimizers."""
