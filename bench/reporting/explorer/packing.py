"""Data in a page, compressed: a browser unpacks it as fast as it reads it, and no character of it can end a block."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from typing import Any


def pack(value: Any) -> str:
    """JSON, gzipped, in base64; the same value gives the same text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()


def unpack(packed: str) -> Any:
    """Raises ValueError, OSError or EOFError for what is damaged."""
    return json.loads(gzip.decompress(b64decode(packed, validate=True)))
