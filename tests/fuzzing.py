"""How many examples the fuzz tests take: 300 in `make test`, always the same; 10,000 new ones in `make nightly`."""

from hypothesis import settings

QUICK = 300
EXAMPLES = max(QUICK, settings().max_examples)  # of the profile that conftest.py has chosen
fuzz = settings(max_examples=EXAMPLES, derandomize=EXAMPLES == QUICK, deadline=None)
