"""`python -m course_utils.cli` is the `course` command, for where scripts are not on the path."""

import sys

from course_utils.cli import main

sys.exit(main())
