"""Mistakes students make in notebook 06, with what to say of each, and other correct solutions."""
