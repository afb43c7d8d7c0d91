"""Known mistakes and other right ways of notebook 10, a file a kind of exercise."""
