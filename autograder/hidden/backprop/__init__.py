"""Hidden tests of notebook 03, backpropagation, a module for each of its sections."""
