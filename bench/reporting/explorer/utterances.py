"""The utterances behind the numbers, packed for a page: every text once, a row of numbers an utterance and arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.analysis.alignments import Movement, PairedUtterance, units
from bench.audio_clip import AudioClip
from bench.scoring import Metric


class _Once:
    """Texts by the place where each stands once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    def texts(self) -> list[str]:
        return list(self._places)


def pack_utterances(movements: Sequence[Movement], audio: Sequence[AudioClip] | None) -> dict[str, Any]:
    """What the page unpacks.

    `cells`: arm, control, language, condition, metric, utterances in all and in the page. `rows`, of numbers: cell,
    utterance id, speaker, reference; text, edits, errors and flags (1 loop, 2 empty) of control and of converted; the
    reference's units, audio, change in errors, both error rates. Ids, speakers, texts and edits are places in `texts`;
    audio is a place among the page's, -1 for none.
    """
    texts = _Once()
    places = _places(audio or ())
    rows = [
        _row(
            number, each, movement.metric, texts, places.get((movement.language, movement.condition, each.utterance_id))
        )
        for number, movement in enumerate(movements)
        for each in movement.utterances
    ]
    cells = [
        [each.arm.id, each.control.id, each.language, each.condition, each.metric, each.clips, len(each.utterances)]
        for each in movements
    ]
    return {
        "cells": cells,
        "rows": rows,
        "texts": texts.texts(),
    }


def _places(audio: Sequence[AudioClip]) -> dict[tuple[str, str, str], int]:
    return {(clip.language, clip.condition, clip.utterance_id): place for place, clip in enumerate(audio)}


def _row(
    cell: int, moved: PairedUtterance, metric: Metric, texts: _Once, audio: int | None
) -> list[int | float | None]:
    sides = [
        (texts.place(_joined(side.text, metric)), texts.place(side.edits), side.errors, side.loop + 2 * side.empty)
        for side in (moved.control, moved.converted)
    ]
    about = (texts.place(moved.utterance_id), texts.place(moved.speaker), texts.place(_joined(moved.reference, metric)))
    rates = (None, None) if moved.rates is None else (round(rate, 1) for rate in moved.rates)
    return [cell, *about, *sides[0], *sides[1], moved.length, -1 if audio is None else audio, moved.change, *rates]


def _joined(text: str, metric: Metric) -> str:
    """So that the page takes the same units apart: words at single spaces, characters without any."""
    return (" " if metric == "wer" else "").join(units(text, metric))
