"""Reference answers, one file a notebook, each written apart from the solution and with another structure."""
