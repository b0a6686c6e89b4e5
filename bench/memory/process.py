"""`python -m bench.memory.process`: measures one cell, and ends with whoever started it, at whatever it is then.

Its stdin ends when nobody is there any more to write to it.
"""

import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread


def read_lines() -> Callable[[], bytes]:
    """What gives the next line of stdin, waiting for it; without any more of them, the process ends."""
    lines: SimpleQueue[bytes] = SimpleQueue()

    def follow() -> None:
        with open(0, "rb", buffering=0, closefd=False) as stdin:
            for line in stdin:
                lines.put(line)
        os._exit(1)

    Thread(target=follow, daemon=True).start()
    return lines.get


def main() -> None:
    """Its parent is followed before anything else is loaded, which takes a while."""
    next_line = read_lines()
    from bench.memory.cell import answer

    answer(next_line)


if __name__ == "__main__":
    main()
