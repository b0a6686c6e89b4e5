"""Files as Arrow's threads read them: of no object of Python's.

Such a thread may still hold what it read when Python ends, and ends the process by a signal if it then has to free an
object of Python's.
"""

from pathlib import Path

import pyarrow as pa

from bench.io.places import Place


def arrow_file(place: Place) -> pa.NativeFile:
    """Raises OSError where it cannot be read."""
    return pa.OSFile(str(place)) if isinstance(place, Path) else arrow_buffer(place.read_bytes())


def arrow_buffer(content: bytes) -> pa.BufferReader:
    """A copy in Arrow's own memory."""
    memory = pa.BufferOutputStream()
    memory.write(content)
    return pa.BufferReader(memory.getvalue())
