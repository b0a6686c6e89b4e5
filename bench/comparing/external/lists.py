"""Hypotheses at hand, as lists: the same comparison as of files, without any file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.comparing.external.options import PairOptions
from bench.comparing.external.pair import NAMES, PairResult, compare_sides
from bench.comparing.external.ranking import RankingResult, rank_sides
from bench.comparing.external.reading import COLUMNS
from bench.comparing.external.sides import UNNAMED_CONDITION, code_asked_for
from bench.errors import BenchError
from bench.io.tabular import known, text_of


def compare_lists(
    references: Sequence[str],
    control: Sequence[str],
    converted: Sequence[str],
    speakers: Sequence[str] | None,
    options: PairOptions,
) -> PairResult:
    """Compares two systems' hypotheses of the same utterances, in the order of the references; one comparison.

    Raises BenchError where the lists differ in length, or are empty.
    """
    systems = dict(zip(NAMES, (control, converted), strict=True))
    return compare_sides(_sides(references, systems, speakers), code_asked_for(options.language), options)


def rank_lists(
    references: Sequence[str],
    systems: Mapping[str, Sequence[str]],
    speakers: Sequence[str] | None,
    options: PairOptions,
) -> RankingResult:
    """Ranks systems by name, the control first, in the same way; one ranking."""
    if len(systems) < 2:
        raise BenchError(f"systems: {len(systems)} given; give two at least, the control first")
    sides = _sides(references, systems, speakers)
    return rank_sides(list(systems), sides, code_asked_for(options.language), options)


def _sides(
    references: Sequence[str], systems: Mapping[str, Sequence[str]], speakers: Sequence[str] | None
) -> list[pd.DataFrame]:
    given = [("references", references), *systems.items(), *([] if speakers is None else [("speakers", speakers)])]
    for name, texts in given:
        if isinstance(texts, str):
            raise BenchError(f"{name}: one string; give a list with one an utterance")
        if len(texts) != len(references) or not references:
            raise BenchError(
                f"{name}: {len(texts)} utterances beside {len(references)} references; give one of each an utterance"
            )
    return [_side(references, texts, speakers) for texts in systems.values()]


def _texts(what: str, values: Sequence[object], missing: str | None = None) -> list[str]:
    """None and NaN, as pandas has them, are what is `missing`; BenchError where nothing may be."""
    texts = []
    for number, value in enumerate(values, start=1):
        given = text_of(f"utterance {number}", what, value)
        text = missing if given is None else given
        if text is None:
            raise BenchError(f"utterance {number} has no {what}; leave it out")
        texts.append(text)
    return texts


def _side(references: Sequence[str], hypotheses: Sequence[str], speakers: Sequence[str] | None) -> pd.DataFrame:
    width = len(str(len(references)))
    rows = pd.DataFrame(
        {
            "id": [f"{number:0{width}}" for number in range(1, len(references) + 1)],
            "hypothesis": _texts("hypothesis", hypotheses, missing=""),
            "condition": UNNAMED_CONDITION,
            "speaker": [""] * len(references)
            if speakers is None
            else list(map(known, _texts("speaker", speakers, missing=""))),
            "reference": _texts("reference", references),
        }
    )
    everything = rows.reindex(columns=COLUMNS).astype(object)
    return everything.where(everything.notna(), None)
