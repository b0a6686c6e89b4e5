"""The audio of a page that is there: a page is the only place that keeps it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path

from bench.audio_clip import AudioClip
from bench.reporting.explorer.packing import unpack

BLOCK = '<script type="{}" id="{}">(.*?)</script>'
SILENT = '<html lang="en" data-audio="none">'


def read_audio(path: Path) -> list[AudioClip] | None:
    """What a page plays; None of a page that was made without audio, or that is damaged."""
    text = path.read_text(encoding="utf-8", errors="replace")
    data = re.search(BLOCK.format("text/plain", "data"), text, re.DOTALL)
    audio = re.search(BLOCK.format("application/json", "audio"), text, re.DOTALL)
    if data is None or audio is None or SILENT in text:
        return None
    try:
        utterances = unpack(data[1])["utterances"]
        cells, texts = utterances["cells"], utterances["texts"]
        names = {row[13]: (cells[row[0]][2], cells[row[0]][3], texts[row[1]]) for row in utterances["rows"]}
        return [AudioClip(*names[place], b64decode(content)) for place, content in enumerate(json.loads(audio[1]))]
    except (ValueError, KeyError, IndexError, TypeError, OSError, EOFError):
        return None
