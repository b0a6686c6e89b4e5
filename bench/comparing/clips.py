"""What one arm made of the clips of a cell: arrays of one entry a clip, in the cell's order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.comparing.parts import ArmResult
from bench.scoring import METRICS, UNITS, ErrorCounts, Metric, align_as_sclite

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class ClipErrors:
    """Errors of every clip by one metric, read off its alignment; arrays of shape (n,)."""

    edits: tuple[str, ...]

    @cached_property
    def counts(self) -> tuple[ErrorCounts, ...]:
        return tuple(map(ErrorCounts.of_edits, self.edits))

    @cached_property
    def length(self) -> Ints:
        """Units of the reference."""
        return np.array([count.length for count in self.counts], dtype=np.int64)

    @cached_property
    def substitutions(self) -> Ints:
        return np.array([count.substitutions for count in self.counts], dtype=np.int64)

    @cached_property
    def deletions(self) -> Ints:
        return np.array([count.deletions for count in self.counts], dtype=np.int64)

    @cached_property
    def insertions(self) -> Ints:
        return np.array([count.insertions for count in self.counts], dtype=np.int64)

    @cached_property
    def errors(self) -> Ints:
        return self.substitutions + self.deletions + self.insertions

    @cached_property
    def capped(self) -> Ints:
        """Errors, at most the reference's length."""
        return np.minimum(self.errors, self.length)

    @cached_property
    def runaway(self) -> Flags:
        """Whether there are more errors than the reference has units."""
        return self.errors > self.length


@dataclass(frozen=True, eq=False)
class ArmClips:
    """One arm's clips. The texts are normalised; `nll` and `nll_tokens`: NaN where none was recorded."""

    by_metric: Mapping[Metric, ClipErrors]
    references: Texts
    hypotheses: Texts
    loop: Flags
    empty: Flags
    nll: Floats
    nll_tokens: Floats

    @classmethod
    def of(cls, counts: pd.DataFrame) -> ArmClips:
        """Reads the rows that `count_decodes` makes."""
        return cls(
            {metric: ClipErrors(tuple(counts[f"{metric}_edits"])) for metric in METRICS},
            counts["normalized_reference"].to_numpy(dtype=object),
            counts["normalized_hypothesis"].to_numpy(dtype=object),
            counts["loop"].to_numpy(dtype=bool),
            counts["empty"].to_numpy(dtype=bool),
            counts["nll"].to_numpy(dtype=float),
            counts["nll_tokens"].to_numpy(dtype=float),
        )

    @cached_property
    def segment_edits(self) -> Mapping[Metric, list[str]]:
        """The alignments that MAPSSWE's segments are cut from, a letter an edit: weighted as sclite weights them."""
        return {metric: self._aligned_as_sclite(metric) for metric in METRICS}

    def _aligned_as_sclite(self, metric: Metric) -> list[str]:
        references, hypotheses = (list(map(UNITS[metric], texts)) for texts in (self.references, self.hypotheses))
        return align_as_sclite(references, hypotheses, self.by_metric[metric].edits)

    @property
    def has_likelihoods(self) -> bool:
        """Whether one was recorded for every clip."""
        return not bool(np.isnan(self.nll).any())

    def where(self, kept: Flags) -> ArmClips:
        """The clips for which `kept` is true."""
        by_metric = {
            metric: ClipErrors(tuple(compress(errors.edits, kept))) for metric, errors in self.by_metric.items()
        }
        return ArmClips(
            by_metric,
            self.references[kept],
            self.hypotheses[kept],
            self.loop[kept],
            self.empty[kept],
            self.nll[kept],
            self.nll_tokens[kept],
        )

    def result(self, metric: Metric) -> ArmResult:
        """All clips pooled."""
        errors = self.by_metric[metric]
        pooled = ErrorCounts.pooled(errors.counts)
        flags = (errors.runaway, self.loop, self.empty)
        return ArmResult(pooled, int(errors.capped.sum()), *(int(flag.sum()) for flag in flags))
