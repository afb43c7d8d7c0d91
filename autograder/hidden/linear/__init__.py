"""Hidden tests of notebook 02, linear classifiers: a module for each section."""
