"""What runs inside the sandbox, beside the student's code: it knows nothing of hidden tests, grades or other students.

`worker` is the process that isolates itself, loads the libraries once, and forks for each submission; `serving` answers
the grader's requests in that fork; `cells` runs the notebook's cells there. The grader's side is `autograder.engine`.
"""

FONTS = "matplotlib"  # the folder of the course's cache that holds Matplotlib's list of fonts
