"""What verbs say beside their result: lines that no name from outside can make a terminal obey."""

import sys

from bench.visible import visible


def warn(line: str) -> None:
    """One line on stderr."""
    print(visible(line), file=sys.stderr)
