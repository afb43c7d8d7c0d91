"""Mistakes students make in notebook 02, with what to say of each, and other correct solutions, by section."""
