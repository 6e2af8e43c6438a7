"""Mechanical mutants: every place of the code that decides, changed in every way of a fixed list."""
