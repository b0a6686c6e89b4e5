"""The audio of a page that is there: a page is the only place that keeps it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path

from bench.audio_clip import AudioClip

BLOCK = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
SILENT = '<html lang="en" data-audio="none">'


def read_audio(path: Path) -> list[AudioClip] | None:
    """What a page plays; None of a page that was made without audio, or that is damaged."""
    text = path.read_text(encoding="utf-8", errors="replace")
    block = BLOCK.search(text)
    if block is None or SILENT in text:
        return None
    try:
        utterances = json.loads(block[1])["utterances"]
        cells, texts = utterances["cells"], utterances["texts"]
        names = {row[13]: (cells[row[0]][2], cells[row[0]][3], texts[row[1]]) for row in utterances["rows"]}
        return [AudioClip(*names[place], b64decode(content)) for place, content in enumerate(utterances["audio"])]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
