"""The utterances that moved the costs of files of decodes, aligned as those of a suite are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.analysis.alignments import Movement
from bench.analysis.utterances import most_moved, pair_utterances
from bench.comparing import Comparison
from bench.comparing.counting import count_decodes
from bench.comparing.external import PairOptions, name_files
from bench.comparing.external.files import read_files
from bench.comparing.external.systems import as_decodes
from bench.scoring import make_scorer
from bench.suite import ArmSpec


def movements_of_files(
    paths: Sequence[Path], options: PairOptions, comparisons: Sequence[Comparison], most: Sequence[int]
) -> Iterator[Movement]:
    """One a comparison, each of at most so many utterances.

    `comparisons`: what comparing the same files by the same options gave, systems called as `name_files` calls them.
    """
    read, scorer = read_files(paths, options), make_scorer(options.normalizer)
    sides = dict(zip(name_files(paths, options.hypothesis_fields), read.sides, strict=True))
    for row, share in zip(comparisons, most, strict=True):
        by_characters = (row.language,) if row.metric == "cer" else ()
        # A file may be called anything, which an arm of a suite may not.
        control, arm = (ArmSpec.model_construct(name=name, model="elsewhere", seed=None) for name in _systems(row))
        counts = [
            count_decodes(
                as_decodes(name, row.language, row.condition, sides[name][sides[name]["condition"] == row.condition]),
                scorer,
                by_characters,
            )
            for name in _systems(row)
        ]
        paired = pair_utterances(counts[0], counts[1], row.metric)
        yield most_moved(arm, control, (row.language, row.condition), row.metric, paired, share)


def _systems(row: Comparison) -> tuple[str, str]:
    return row.control, row.arm
