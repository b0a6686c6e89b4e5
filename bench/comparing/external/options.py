"""What the command line may say of files of decodes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PairOptions:
    """What the command line may say; None where it left the choice to us."""

    reference: Path | None = None
    speakers: Path | None = None
    hypothesis_fields: tuple[str, ...] = ()
    language: str | None = None
    metric: str | None = None
    normalizer: str = "multilingual"
    margin: float | None = None
    resamples: int | None = None
    seed: int = 1
    unit: str | None = None
    intersect: bool = False
    all_pairs: bool = False
