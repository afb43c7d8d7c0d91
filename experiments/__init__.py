"""Experiments that need several seeds: `python -m experiments` runs them and writes `data/experiments/NAME.csv`.

Every file here that defines `rows(seed)` is one. Its docstring's first line says what it measures, `SEEDS` how many
seeds its table has, and `rows(seed)`, a pure function of the seed, returns a list of dictionaries with equal keys:
numbers, truth values and short texts. A file without `rows` is a helper of others.
"""
