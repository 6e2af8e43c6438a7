"""What pytest needs to run scenario files wherever it is called."""

pytest_plugins = ["matrix.pytest_plugin"]
