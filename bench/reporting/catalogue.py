"""Every report of a suite: its name, the files it owns, the verb that writes it, and how it is rendered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bench.analysis.alignments import Movement
from bench.analysis.published import find_claims, read_costs
from bench.analysis.suite_records import SuiteRecords
from bench.audio_clip import AudioClip
from bench.io.places import Place
from bench.reporting.card import CardWords, card_name, read_words, write_card
from bench.reporting.explorer import write_explorer
from bench.reporting.figures.forest import write_forest
from bench.reporting.figures.frontier import write_frontiers
from bench.reporting.figures.size_curve import write_curve
from bench.reporting.figures.snr_ladder import write_curves
from bench.reporting.tables.costs import write_table
from bench.reporting.tables.memory import write_memory
from bench.reporting.tables.reproduction import write_reproduction
from bench.reporting.tables.robustness import write_robustness
from bench.suite import ArmSpec


@dataclass(frozen=True, eq=False)
class Sources:
    """What reports are rendered from.

    `results`: the folder of all results, beside which published figures are kept. `cards`: the arms that cards are
    written of, each with what people said of its card. `movements`: the utterances behind the costs, read when they
    are asked for; `audio`: what a page plays of them, None without.
    """

    records: SuiteRecords
    results: Place
    cards: Sequence[tuple[ArmSpec, CardWords]] = ()
    movements: Callable[[], Sequence[Movement]] = tuple
    audio: Sequence[AudioClip] | None = None


@dataclass(frozen=True)
class Report:
    """One report: `files` are the names it owns below the suite's folder, * for any text; `verb` is what a user types
    after `bench`.

    `always`: written whenever the verb is; else it is kept up only where somebody asked for it once.
    """

    name: str
    about: str
    files: tuple[str, ...]
    verb: str
    render: Callable[[Sources, Path], object]
    always: bool = False

    def owns(self, path: Path) -> bool:
        """Whether a path, relative to the suite's folder of reports, is one of its files."""
        return any(fnmatchcase(path.as_posix(), name) for name in self.files)

    def is_rendered(self, folder: Path) -> bool:
        """Whether any of its files is there."""
        return any(self.owns(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _table(sources: Sources, folder: Path) -> None:
    records = sources.records
    write_table(records.suite, records.results, folder, records.list_unheard())


def _forest(sources: Sources, folder: Path) -> None:
    write_forest(sources.records.suite, sources.records.results, folder)


def _robustness(sources: Sources, folder: Path) -> None:
    write_robustness(sources.records.suite, sources.records.results, folder)


def _ladders(sources: Sources, folder: Path) -> None:
    write_curves(sources.records.suite, sources.records.results, folder)


def _memory(sources: Sources, folder: Path) -> None:
    if sources.records.memory is not None:
        write_memory(sources.records.suite, sources.records.memory, folder)


def _reproduction(sources: Sources, folder: Path) -> None:
    records = sources.records
    corpus = records.manifest.corpus.published_as
    write_reproduction(records.suite, records.results, read_costs(sources.results), corpus, folder)


def _curve(sources: Sources, folder: Path) -> None:
    records = sources.records
    write_curve(records.suite, records.results, records.parameters, find_claims(sources.results), folder)


def _frontier(sources: Sources, folder: Path) -> None:
    write_frontiers(sources.records, folder)


def _cards(sources: Sources, folder: Path) -> None:
    for arm, words in sources.cards:
        write_card(sources.records, arm, folder, words)


def _explorer(sources: Sources, folder: Path) -> None:
    write_explorer(sources.records, sources.movements(), sources.audio, find_claims(sources.results), folder)


def _picture(name: str) -> tuple[str, str]:
    return f"{name}.svg", f"{name}.png"


CATALOGUE = (
    Report(
        "table",
        "rates, costs, verdicts and what they are made of; as CSV every number; costs by length and speaker",
        ("table.md", "table.csv", "slices.csv"),
        "table",
        _table,
        always=True,
    ),
    Report("cost", "each language's cost with its interval", _picture("cost"), "table", _forest, always=True),
    Report(
        "robustness",
        "costs in noise, over telephones, in rooms, with other speakers",
        ("robustness.md", "robustness.csv", "thresholds.csv"),
        "table",
        _robustness,
        always=True,
    ),
    Report(
        "ladders",
        "error rates and mean costs over the signal-to-noise ratio, and under other conditions",
        (*_picture("ladder-*"), *_picture("conditions")),
        "table",
        _ladders,
        always=True,
    ),
    Report(
        "memory",
        "bytes of each arm, where they were measured",
        ("memory.md", *_picture("memory-*")),
        "table",
        _memory,
        always=True,
    ),
    Report(
        "reproduction",
        "published figures beside the same figures measured here",
        ("reproduction.md",),
        "table --published",
        _reproduction,
    ),
    Report(
        "curve",
        "cost over model size",
        ("curve.csv", *_picture("curve"), *_picture("curve-cer"), *_picture("curve-languages")),
        "curve",
        _curve,
    ),
    Report(
        "frontier",
        "cost over bytes of the decode cache, and over time where `bench speed` measured it",
        (*_picture("frontier"), *_picture("frontier-time")),
        "curve",
        _frontier,
    ),
    Report(
        "card",
        "the model card of an arm with the hub's metadata, and its picture",
        ("card.md", "card-*.md", *_picture("card"), *_picture("card-*")),
        "card",
        _cards,
    ),
    Report(
        "explorer",
        "one page with every verdict and the utterances behind it, to read and to hear",
        ("index.html",),
        "report",
        _explorer,
    ),
)


def owner_of(path: Path) -> Report | None:
    """The report that a path, relative to the suite's folder, belongs to; None for what is somebody's own."""
    return next((report for report in CATALOGUE if report.owns(path)), None)


def render(verb: str, sources: Sources, folder: Path) -> None:
    """Writes every report of a verb."""
    for report in CATALOGUE:
        if report.verb == verb:
            report.render(sources, folder)


def rendered_cards(records: SuiteRecords, folder: Path) -> list[tuple[ArmSpec, CardWords]]:
    """The converted arms whose card is there, and what it says that no record knows."""
    arms = [arm for arm in records.suite.arms if arm.control is not None]
    paths = [(arm, folder / card_name(records.suite, arm)) for arm in arms]
    return [(arm, read_words(path)) for arm, path in paths if path.is_file()]
