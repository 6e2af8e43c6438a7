"""The runner: spreads scenarios over axes and kernels, and compares what happens with what was expected."""
