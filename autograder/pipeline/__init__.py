"""Grading a class: intake of submissions, execution, nbgrader's gradebook and feedback, grades.csv, exports."""
