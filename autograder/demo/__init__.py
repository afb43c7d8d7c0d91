"""`course demo`: a made-up class, from release to report."""

from autograder.demo.run import run_demo

__all__ = ["run_demo"]
