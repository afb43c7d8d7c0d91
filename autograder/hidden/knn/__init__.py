"""Hidden tests of notebook 01, nearest neighbours: a module for each section."""
