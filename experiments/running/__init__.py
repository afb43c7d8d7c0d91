"""Runs the experiments in a pool of processes and keeps their tables."""
