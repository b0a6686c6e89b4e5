"""How the command ends when it is told to: at once, in one line, with the exit code that shells expect.

Nothing is imported but what Python has loaded already, so that this holds from the first moments on.
"""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

SHOW_CURSOR = "\x1b[?25h"
"""The terminal's sequence that shows the cursor, which the progress bar hides."""
SAID = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


def end_on_signals() -> None:
    """From now on an interrupt ends the process with exit code 130, a request to terminate with 143.

    One that is ignored, as of a background job, stays so.
    """
    for number in SAID:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


def _end(signum: int, frame: FrameType | None) -> NoReturn:
    """Ends the process at once: an exception raised inside a C library's callback would only be printed and ignored."""
    cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
    message = "parts and checkpoints that were written are kept, the same command goes on from them"
    os.write(2, f"{cursor}bench: {SAID[signal.Signals(signum)]}; {message}\n".encode())
    os._exit(128 + signum)
