"""Mistakes students really make, and other correct solutions; one file a notebook."""
