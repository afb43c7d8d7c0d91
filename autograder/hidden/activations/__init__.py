"""Hidden tests of notebook 05, initialisation and activations: a module a section."""
