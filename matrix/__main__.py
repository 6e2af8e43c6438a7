"""`python3 -m matrix`: see `--help`."""

import sys

from matrix.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
