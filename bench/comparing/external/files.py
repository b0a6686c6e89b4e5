"""Files of decodes, read and brought together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.comparing.comparison import Comparison
from bench.comparing.external.options import PairOptions
from bench.comparing.external.reading import read_side
from bench.comparing.external.sides import one_language, paired, require_same_references, with_references, with_speakers
from bench.errors import BenchError


@dataclass(frozen=True, eq=False)
class Read:
    """Files of decodes as sides of one language, in the order given, all over the same utterances in the same order.

    `code`: Whisper's of the language, None where nobody named it. `dropped`: ids that were left out for that.
    """

    paths: tuple[Path, ...]
    sides: tuple[pd.DataFrame, ...]
    code: str | None
    dropped: int

    def notices(self, comparisons: Sequence[Comparison]) -> Iterator[str]:
        """What must be said of the files beside what was made of them."""
        if any(path.suffix == ".trn" for path in self.paths) and comparisons[0].sample.speakers:
            count = self.sides[0]["speaker"].nunique()
            yield f"speakers: {count} (in a .trn, the text before the first - of an id or, without one, the first _)"
        if self.dropped:
            yield f"--intersect left out {self.dropped} ids that one side lacks"
        unreadable = {comparison.condition: comparison.sample.unreadable for comparison in comparisons}
        if left_out := sum(unreadable.values()):
            yield f"{left_out} clips that were unreadable are left out of {_all(self.paths)} sides"


def read_files(paths: Sequence[Path], options: PairOptions) -> Read:
    """Raises BenchError for files that cannot be read, ids that one side lacks (the first five), references that differ
    and `hypothesis_fields` that are neither one for all nor one a file.
    """
    fields = options.hypothesis_fields
    if len(fields) not in (0, 1, len(paths)):
        raise BenchError(
            f"--hypothesis-field: given {len(fields)} times; once for {_all(paths)} sides, or {_times(len(paths))}"
        )
    of_each = fields if len(fields) == len(paths) else [fields[0] if fields else None] * len(paths)
    sides = [read_side(path, field) for path, field in zip(paths, of_each, strict=True)]
    chosen, code = one_language(paths, sides, options.language)
    together, dropped = paired(paths, chosen, options.intersect)
    described = with_references(together, options.reference, code)
    require_same_references(paths, described)
    return Read(tuple(paths), tuple(with_speakers(described, options.speakers, code)), code, dropped)


def _all(paths: Sequence[Path]) -> str:
    return "both" if len(paths) == 2 else "all"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times, one a file"
