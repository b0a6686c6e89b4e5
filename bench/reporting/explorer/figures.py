"""The pictures that a page shows, drawn from its records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.analysis.published import PublishedClaim
from bench.analysis.suite_records import SuiteRecords
from bench.reporting.figures.frontier import write_frontiers
from bench.reporting.figures.size_curve import write_curve
from bench.reporting.figures.snr_ladder import write_curves

CAPTIONS = {
    "curve": "Cost over the size of the model, in points of WER.",
    "curve-cer": "Cost over the size of the model, in points of CER.",
    "curve-languages": "The same, language by language.",
    "frontier": "Cost against bytes of the decode cache; hollow: another arm has no more of either (point estimates).",
    "frontier-time": "Cost against the time of each arm alone, by `generate`; hollow: another has no more of either.",
    "ladder-cost": "Mean cost in noise.",
    "conditions": "Cost under other conditions.",
}
"""By name of the picture, in the order of the page."""


@dataclass(frozen=True)
class Picture:
    """An SVG, and what it shows."""

    name: str
    caption: str
    svg: str


def draw_figures(records: SuiteRecords, claims: Sequence[PublishedClaim]) -> list[Picture]:
    """Those that the suite has records for."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_curves(records.suite, records.results, folder)
        write_curve(records.suite, records.results, records.parameters, claims, folder)
        write_frontiers(records, folder)
        return list(_pictures(folder))


def _pictures(folder: Path) -> Iterator[Picture]:
    for name, caption in CAPTIONS.items():
        path = folder / f"{name}.svg"
        if path.is_file():
            yield Picture(name, caption, path.read_text(encoding="utf-8"))
