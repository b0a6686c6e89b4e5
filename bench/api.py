"""The package from Python: what `bench` offers without its command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analysis.cautions import list_cautions
from bench.analysis.suite_records import read_suite_records
from bench.comparing import Comparison, Results, compare_suite, read_results
from bench.comparing.external import PairOptions, PairResult, Ranking, compare_lists, rank_lists
from bench.errors import BenchError
from bench.io.places import place_of
from bench.scoring import Metric
from bench.stats import Estimate
from bench.store import Store
from bench.suite import Suite
from bench.suite import load_suite as _load_suite

if TYPE_CHECKING:
    from bench.conversion import Conversion

__all__ = [
    "BenchError",
    "Compared",
    "Comparison",
    "Estimate",
    "Ranked",
    "Ranking",
    "Results",
    "Suite",
    "compare",
    "convert",
    "load_results",
    "load_suite",
    "rank",
    "render",
    "run",
]


@dataclass(frozen=True)
class Compared:
    """Two systems compared over the same utterances: the comparison, what pins it, and what to be wary of.

    As a string: what `bench compare` prints.
    """

    comparison: Comparison
    signature: str
    cautions: tuple[str, ...]
    margin: float | None

    def __str__(self) -> str:
        from bench.reporting.tables.pair import render_pair

        return render_pair([self.comparison], [self.signature], self.margin)


def compare(
    references: Sequence[str],
    control: Sequence[str],
    converted: Sequence[str],
    *,
    speakers: Sequence[str] | None = None,
    language: str | None = None,
    metric: Metric | None = None,
    normalizer: str = "multilingual",
    margin: float | None = None,
    resamples: int | None = None,
    seed: int = 1,
) -> Compared:
    """Compares two systems' hypotheses, one an utterance in the references' order: converted minus control.

    `speakers`: who said each; they are what is resampled, else utterances are. `language`: Whisper's code, by which the
    metric is CER where words are not separated by spaces, unless `metric` says otherwise. `margin`: a cost, in points,
    that would not matter. Deltas are in percentage points, intervals 95 %. Raises BenchError for lists that do not fit.
    """
    options = PairOptions(
        language=language, metric=metric, normalizer=normalizer, margin=margin, resamples=resamples, seed=seed
    )
    result: PairResult = compare_lists(references, control, converted, speakers, options)
    (comparison,), (signature,) = result.comparisons, result.signatures
    return Compared(comparison, signature, (*result.notices, *list_cautions([comparison])), margin)


@dataclass(frozen=True)
class Ranked:
    """Systems ranked over the same utterances, and what to be wary of. As a string: what `bench compare` prints."""

    ranking: Ranking
    cautions: tuple[str, ...]
    margin: float | None

    def __str__(self) -> str:
        from bench.reporting.tables.ranking import render_rankings

        return render_rankings([self.ranking], self.margin)


def rank(
    references: Sequence[str],
    systems: Mapping[str, Sequence[str]],
    *,
    all_pairs: bool = False,
    speakers: Sequence[str] | None = None,
    language: str | None = None,
    metric: Metric | None = None,
    normalizer: str = "multilingual",
    margin: float | None = None,
    resamples: int | None = None,
    seed: int = 1,
) -> Ranked:
    """Ranks systems by name: all compared with the first, the control, or `all_pairs` with each other.

    `Ranking` says what a rank means; the rest is as `compare` has it. Raises BenchError for lists that do not fit.
    """
    options = PairOptions(
        language=language,
        metric=metric,
        normalizer=normalizer,
        margin=margin,
        resamples=resamples,
        seed=seed,
        all_pairs=all_pairs,
    )
    result = rank_lists(references, systems, speakers, options)
    (ranking,) = result.rankings
    return Ranked(ranking, (*result.notices, *list_cautions(ranking.comparisons)), margin)


def load_suite(suite: str | Path, corpus_path: Path | None = None) -> Suite:
    """Reads a suite: a path ending in .toml, or the name of a ready-made one. Raises BenchError naming file and key."""
    return _load_suite(str(suite), corpus_path)


def run(suite: Suite, results: str | Path = "results") -> Results:
    """Decodes what is missing of a suite, then compares every arm with its control.

    Progress goes to stderr. Raises BenchError where an arm is to be decoded in another environment, or cannot be.
    """
    from rich.console import Console

    from bench.conversion import make_conversions
    from bench.runners import run_suite

    store = Store(place_of(results) / suite.name)
    make_conversions(suite, Console(stderr=True))
    if missing := run_suite(suite, store, [], Console(stderr=True)).missing:
        raise BenchError(f"suite {suite.name}: {', '.join(missing)} still to be decoded, elsewhere; run it there too")
    return compare_suite(suite, store)


def load_results(suite: Suite, results: str | Path = "results") -> Results:
    """Reads what was computed of a suite. Raises BenchError where decodes or settings have changed since."""
    return read_results(suite, Store(place_of(results) / suite.name))


def render(suite: Suite, results: str | Path = "results", reports: str | Path = "reports") -> Path:
    """Writes every report that `bench table` does, with pictures; returns the folder that they are in."""
    from bench.reporting.catalogue import Sources
    from bench.reporting.catalogue import render as render_reports

    folder = Path(reports) / suite.name
    store = Store(place_of(results) / suite.name)
    render_reports("table", Sources(read_suite_records(suite, store), place_of(results)), folder)
    return folder


def convert(
    model: str,
    folder: str | Path,
    *,
    modules: str = "decoder-self",
    init: str = "balanced",
    cache_cut: float | None = None,
    rank: int | None = None,
    kept: int | None = None,
    calibration: str | None = None,
    calibration_text: str | Path | None = None,
    clips: int = 16,
    allocate: bool | None = None,
    max_divergence: float | None = None,
    share_cross: bool = False,
    tokens: int | None = None,
    kv: str | None = None,
) -> Conversion:
    """Gives a Whisper latent attention and writes it to a new folder, as `bench convert` does with these options.

    `allocate`: False is its `--even`. Raises BenchError where that cannot be.
    """
    from bench.conversion import choose_clips, prepare_conversion
    from bench.conversion_request import ConversionRequest

    request = ConversionRequest.of_options(
        modules, init, cache_cut, rank, kept, share_cross, allocate, max_divergence, tokens, kv
    )
    text = None if calibration_text is None else Path(calibration_text)
    chosen = None if calibration is None else choose_clips(calibration, clips)
    return prepare_conversion(model, Path(folder), request, chosen, text).run(_quietly)


def _quietly(_: int) -> None:
    """Shows no progress."""
