"""From source to what students open: release.py, the drift and leak check check.py, the student bundle bundle.py."""
