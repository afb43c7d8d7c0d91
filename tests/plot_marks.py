"""What all tests of figures have in common."""

import pytest

# A figure that warns (a glyph that is missing, a layout that does not fit) fails its test. What another test's kernel
# left for the garbage collector, wherever that happens to run, is not the figure's.
NO_WARNINGS = pytest.mark.filterwarnings("error", "default::pytest.PytestUnraisableExceptionWarning")
