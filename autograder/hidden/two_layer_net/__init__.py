"""Hidden tests of notebook 04, the two-layer network."""
