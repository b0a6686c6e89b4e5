"""Where what can be fetched or made again is kept."""

import os
from pathlib import Path


def cache_root() -> Path:
    """`$XDG_CACHE_HOME` or ~/.cache, a folder of ours in it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whisper-mla-bench"
