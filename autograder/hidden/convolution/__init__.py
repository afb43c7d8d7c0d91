"""Hidden tests of notebook 08, convolutional networks."""
