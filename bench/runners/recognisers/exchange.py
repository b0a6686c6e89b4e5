"""What a command is given, and what it answers: a manifest of WAV files, and a text for each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.audio import SAMPLE_RATE
from bench.runners.clips import Clip

NAMED = 3
"""Ids in a complaint, of however many there are."""


def write_clips(folder: Path, language: str, clips: Sequence[Clip]) -> Path:
    """The clips as WAV of 16 kHz, 32-bit float: the very samples that other arms hear, neither rounded nor clipped.

    Returns the manifest: JSON Lines of `id`, `audio_filepath`, `duration` in seconds, `language`.
    """
    import soundfile

    lines = []
    for i, clip in enumerate(clips):
        if clip.audio is None:
            continue
        path = folder / f"{i:03}.wav"
        soundfile.write(path, clip.audio, SAMPLE_RATE, subtype="FLOAT")
        row = {
            "id": clip.utterance.id,
            "audio_filepath": str(path),
            "duration": len(clip.audio) / SAMPLE_RATE,
            "language": language,
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    manifest = folder / "manifest.jsonl"
    manifest.write_text("".join(lines), encoding="utf-8")
    return manifest


def read_texts(path: Path, ids: Sequence[str]) -> dict[str, str]:
    """The text of every id, from JSON Lines of `id` and `text`; other keys are not read.

    Raises ValueError, its message what the answer is like ("is not JSON …"), unless there is one text for each.
    """
    if not path.is_file():
        raise ValueError("was not written")
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 at byte {error.start}") from None
    texts: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        name, text = _read_line(number, line)
        if name in texts:
            raise ValueError(f"has {name} twice, again in line {number}")
        texts[name] = text
    known = set(ids)
    if extra := [name for name in texts if name not in known]:
        raise ValueError(f"has {_named(extra)}, which the manifest does not list")
    if missing := [name for name in ids if name not in texts]:
        raise ValueError(f"lacks {_named(missing)}, {len(missing):,} of {len(ids):,} clips")
    return texts


def _read_line(number: int, line: str) -> tuple[str, str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep, or a number too long"
        raise ValueError(f"is not JSON in line {number}: {reason}") from None
    if not isinstance(row, dict):
        raise ValueError(f"has no JSON object in line {number}")
    return _string(row, "id", number), _string(row, "text", number)


def _string(row: Mapping[str, Any], key: str, number: int) -> str:
    """Raises ValueError for what is no string, and for half of a character, which no file could hold."""
    if key not in row:
        raise ValueError(f"has no {key} in line {number}")
    value = row[key]
    if not isinstance(value, str):
        raise ValueError(f"has {key} = {json.dumps(value)[:40]} in line {number}, which is no string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"has half a surrogate pair in line {number}") from None
    return value


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
