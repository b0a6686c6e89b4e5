"""The utterances that moved the costs of two files of decodes, aligned as those of a suite are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.analysis.alignments import Movement
from bench.analysis.utterances import most_moved, pair_utterances
from bench.comparing import Comparison
from bench.comparing.counting import count_decodes
from bench.comparing.external import PairOptions
from bench.comparing.external.files import read_files
from bench.comparing.external.systems import as_decodes
from bench.scoring import make_scorer
from bench.suite import ArmSpec


def movements_of_files(
    control: Path, converted: Path, options: PairOptions, comparisons: Sequence[Comparison], most: int
) -> Iterator[Movement]:
    """One a comparison, of at most so many utterances; the arms are called as the files are.

    `comparisons`: what comparing the same files by the same options gave.
    """
    read, scorer = read_files((control, converted), options), make_scorer(options.normalizer)
    # A file may be called anything, which an arm of a suite may not.
    arms = [ArmSpec.model_construct(name=path.name, model="elsewhere", seed=None) for path in (control, converted)]
    for row in comparisons:
        by_characters = (row.language,) if row.metric == "cer" else ()
        counts = [
            count_decodes(
                as_decodes(arm.name, row.language, row.condition, side[side["condition"] == row.condition]),
                scorer,
                by_characters,
            )
            for arm, side in zip(arms, read.sides, strict=True)
        ]
        paired = pair_utterances(counts[0], counts[1], row.metric)
        yield most_moved(arms[1], arms[0], (row.language, row.condition), row.metric, paired, most)
