"""Mistakes students make in notebook 03, with what to say of each, and other correct solutions."""
