"""Right ways and mistakes of notebook 09."""
