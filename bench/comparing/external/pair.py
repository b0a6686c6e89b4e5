"""Two systems, of which the second is what was made of the first: one comparison a condition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.comparing.comparison import Comparison
from bench.comparing.external.files import read_files
from bench.comparing.external.options import PairOptions
from bench.comparing.external.sides import Sides
from bench.comparing.external.systems import compare_systems

NAMES = ("control", "converted")


@dataclass(frozen=True)
class PairResult:
    """One comparison a condition, each with the signature that pins it, and what must be said beside them."""

    comparisons: tuple[Comparison, ...]
    signatures: tuple[str, ...]
    notices: tuple[str, ...]


def compare_files(control: Path, converted: Path, options: PairOptions) -> PairResult:
    """Compares the hypotheses of two files, condition by condition, each a family of its own.

    Raises BenchError as `read_files` does.
    """
    read = read_files((control, converted), options)
    compared = compare_sides(read.sides, read.code, options)
    return PairResult(
        compared.comparisons, compared.signatures, (*compared.notices, *read.notices(compared.comparisons))
    )


def compare_sides(sides: Sides, code: str | None, options: PairOptions) -> PairResult:
    """Compares two sides, the control's first, as `compare_systems` takes them."""
    compared, notices = compare_systems(NAMES, sides, code, options)
    comparisons = tuple(row for condition in compared for row in condition.comparisons)
    return PairResult(comparisons, tuple(condition.signature for condition in compared), tuple(notices))
