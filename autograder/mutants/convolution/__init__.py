"""Mistakes and other right solutions of notebook 08, convolutional networks."""
