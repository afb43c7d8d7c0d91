"""nbgrader reads this in the course's folder; what it sets is in autograder/plugins.py."""

from autograder.plugins import configure

configure(get_config())  # type: ignore[name-defined]  # noqa: F821 — traitlets puts get_config here
