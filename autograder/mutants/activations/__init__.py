"""Mistakes students make in notebook 05, and other correct solutions: a module a section."""
