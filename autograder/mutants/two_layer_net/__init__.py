"""Mistakes students make in notebook 04, with what to say of each, and other correct solutions."""
