"""What a suite's decodes say: every measurement and comparison, and what was computed over them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.interactions import Interaction
from bench.comparing.new_language import NewLanguage
from bench.comparing.seeds import SeedCost
from bench.comparing.slices import Slice
from bench.comparing.summaries import Quantity, Summary
from bench.comparing.thresholds import Threshold
from bench.comparing.training import Kind, TrainingChange
from bench.errors import BenchError
from bench.scoring import Metric
from bench.suite import CLEAN, ArmId, ArmSpec

M = TypeVar("M", bound=Measurement)


@dataclass(frozen=True)
class CellPair(Generic[M]):
    """One cell of one arm by both metrics."""

    wer: M
    cer: M

    @property
    def primary(self) -> M:
        """The one by the metric that makes the language's cost."""
        return self.wer if self.wer.primary else self.cer


@dataclass(frozen=True)
class Cells(Generic[M]):
    """Cells of one arm, each by both metrics: words first, languages in the suite's order."""

    rows: tuple[M, ...]

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def clean(self) -> Cells[M]:
        """Those without anything added."""
        return self.under(CLEAN)

    def under(self, *conditions: str) -> Cells[M]:
        """Those under these conditions."""
        return Cells(tuple(row for row in self.rows if row.condition in conditions))

    def of_metric(self, metric: Metric) -> Cells[M]:
        """Those by that metric."""
        return Cells(tuple(row for row in self.rows if row.metric == metric))

    def of_language(self, language: str) -> Cells[M]:
        """Those of that language."""
        return Cells(tuple(row for row in self.rows if row.language == language))

    @property
    def pairs(self) -> tuple[CellPair[M], ...]:
        """Both metrics of each cell side by side."""
        cells: dict[tuple[str, str], dict[Metric, M]] = {}
        for row in self.rows:
            cells.setdefault((row.language, row.condition), {})[row.metric] = row
        return tuple(CellPair(cell["wer"], cell["cer"]) for cell in cells.values())

    @property
    def primary(self) -> tuple[M, ...]:
        """Each cell by its language's own metric, languages in the suite's order."""
        cells: dict[tuple[str, str], M | None] = {}
        for row in self.rows:
            place = row.language, row.condition
            cells[place] = row if row.primary else cells.get(place)
        return tuple(row for row in cells.values() if row is not None)


@dataclass(frozen=True)
class ArmResults:
    """Everything that was computed of one arm that has a control; all but the cells may be empty."""

    id: ArmId
    cells: Cells[Comparison]
    summaries: tuple[Summary, ...]
    new_languages: tuple[NewLanguage, ...]
    slices: tuple[Slice, ...]
    training: tuple[TrainingChange, ...]
    interactions: tuple[Interaction, ...]
    thresholds: tuple[Threshold, ...]

    @property
    def clean(self) -> Cells[Comparison]:
        """Its cells on clean speech."""
        return self.cells.clean

    def under(self, *conditions: str) -> Cells[Comparison]:
        """Its cells under these conditions."""
        return self.cells.under(*conditions)

    def summary(
        self, metric: Metric, statistic: str, condition: str = CLEAN, quantity: Quantity = "cost", floors: bool = True
    ) -> Summary | None:
        """Finds a statistic over every language of the metric, or over those that are no floors, if it is there."""
        for summary in self.summaries:
            asked = (summary.metric, summary.statistic, summary.condition, summary.quantity)
            fits = summary.with_floors if floors else not (summary.with_floors and summary.floors)
            if fits and asked == (metric, statistic, condition, quantity):
                return summary
        return None

    def changes(self, kind: Kind) -> tuple[TrainingChange, ...]:
        """What training, or conversion before it, changed."""
        return tuple(change for change in self.training if change.kind == kind)


@dataclass(frozen=True, eq=False)
class Results:
    """What reports are rendered from; `signature` pins every number, `clips` is its hash of the clips.

    `measurements`: every arm, by arm, condition and metric, comparisons where an arm has a control. `summaries`:
    medians, means and trends. `slices`: costs in parts of a cell, exploratory. `seeds`: training seeds pooled.
    `training`: what training changed, and conversion before it. `interactions`: how costs under a condition differ from
    clean ones, exploratory. `thresholds`: the noise at which arms reach one rate. `new_languages`: what one that
    was not measured may cost. Slices, seeds, training and new languages are of clean cells only.
    """

    signature: str
    clips: str
    measurements: tuple[Measurement, ...]
    summaries: tuple[Summary, ...] = ()
    slices: tuple[Slice, ...] = ()
    seeds: tuple[SeedCost, ...] = ()
    training: tuple[TrainingChange, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    new_languages: tuple[NewLanguage, ...] = ()

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Measurements of every arm that has a control."""
        return tuple(row for row in self.measurements if isinstance(row, Comparison))

    def rates_of(self, arm: ArmSpec | str) -> Cells[Measurement]:
        """Finds every cell of any arm."""
        arm_id = _id(arm)
        return Cells(tuple(row for row in self.measurements if row.arm == arm_id))

    def of(self, arm: ArmSpec | str) -> ArmResults:
        """Finds everything of an arm that has a control. Raises BenchError for one that has none, or is not there."""
        arm_id = next((row.arm for row in self.comparisons if row.arm == _id(arm)), None)
        if arm_id is None:
            names = ", ".join(dict.fromkeys(row.arm for row in self.comparisons)) or "none"
            raise BenchError(f"arm {_id(arm)}: held against no control; the arms that are: {names}")
        return ArmResults(
            arm_id,
            Cells(tuple(row for row in self.comparisons if row.arm == arm_id)),
            tuple(summary for summary in self.summaries if summary.of == arm_id and not summary.is_slope),
            _of_arm(self.new_languages, arm_id),
            _of_arm(self.slices, arm_id),
            _of_arm(self.training, arm_id),
            _of_arm(self.interactions, arm_id),
            _of_arm(self.thresholds, arm_id),
        )

    def training_of(self, arm: ArmSpec | str) -> tuple[TrainingChange, ...]:
        """What training changed of any arm that has a start."""
        return _of_arm(self.training, _id(arm))

    def slopes(self, families: Collection[str] | None = None) -> tuple[Summary, ...]:
        """Trends of families over their sizes."""
        slopes = (summary for summary in self.summaries if summary.is_slope)
        return tuple(slope for slope in slopes if families is None or slope.of in families)


A = TypeVar("A", NewLanguage, Slice, TrainingChange, Interaction, Threshold)


def _of_arm(values: Iterable[A], arm: str) -> tuple[A, ...]:
    return tuple(value for value in values if value.arm == arm)


def _id(arm: ArmSpec | str) -> str:
    return arm.id if isinstance(arm, ArmSpec) else arm
