"""Mistakes students make in notebook 01, what to say to who made them, and other right solutions, by section."""
