"""What the course is called in nbgrader's gradebook, and the settings that it puts into a course folder."""

COURSE_ID = "deep-learning-from-scratch"

CONFIG_FILE = "nbgrader_config.py"

# What nbgrader runs in a course folder; the first line tells our file from an instructor's own.
COURSE_CONFIG = """# Written by `course grade`: nbgrader's commands in this folder use the course's own steps.
from autograder.plugins import configure
configure(get_config())
"""
