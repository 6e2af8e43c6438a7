"""The calls of a start: every system call that the runtime makes for itself, in several settings, beside a record in git."""
