"""Kernels and guests: which kernel stands for which row, how it is fetched, what runs in it, how it is booted."""
