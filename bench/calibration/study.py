"""Runs every method on many simulated corpora of each scenario; what is done stays on disk, a rerun goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.calibration.corpora import Scenario, simulate, true_delta
from bench.calibration.methods import METHODS, REFERENCE, Method, Sample, widths
from bench.comparing.protocol import METHOD
from bench.decode_parts import part_key
from bench.io.files import write_atomically
from bench.stats import ALPHA, bootstrap_deltas, holm, is_significant, resample_weights
from bench.version import __version__

LANGUAGES = 11
CHUNK = 250
"""Corpora kept together on disk."""
TRUTH, FAMILIES = 1_000_001, 1_000_002
"""Seeds apart from those of the corpora, which are their numbers."""


@dataclass(frozen=True)
class Study:
    """How much is simulated. Every corpus has a generator of its own, seeded by (seed, scenario, number)."""

    corpora: int = 5_000
    resamples: int = 1_000
    families: int = 5_000
    seed: int = 0


def try_methods(
    scenario: Scenario,
    truths: Mapping[bool, float],
    resamples: int,
    rng: np.random.Generator,
    methods: Mapping[str, Method] = METHODS,
) -> list[dict[str, Any]]:
    """One simulated corpus: a row a rate (raw, capped) and method.

    Whether the method covers the truth, rejects zero, finds the effect, and how wide it is beside the clustered t.
    `truths` has the rates asked for, by whether they are capped.
    """
    corpus = simulate(scenario, rng)
    kinds = [(capped, effect) for capped in (False, True) for effect in (False, True)]
    sums = [corpus.by_speaker(capped, effect) for capped, effect in kinds]
    weights = resample_weights(sums[0].clusters, resamples, rng)
    samples = {
        kind: Sample(of_kind, corpus.by_clip(*kind), estimate, resamples, rng)
        for kind, of_kind, estimate in zip(kinds, sums, bootstrap_deltas(sums, weights), strict=True)
    }
    rows = []
    for capped, truth in truths.items():
        null, shifted = samples[capped, False], samples[capped, True]
        width = widths(null)
        for name, method in methods.items():
            at_truth = method(null, truth)
            rows.append(
                {
                    "rate": "capped" if capped else "raw",
                    "method": name,
                    "covered": at_truth > ALPHA,
                    "rejects_zero": is_significant(at_truth if truth == 0 else method(null, 0.0)),
                    "finds_effect": is_significant(method(shifted, 0.0)),
                    "width_ratio": width.get(name, np.nan) / width[REFERENCE],
                }
            )
    return rows


def calibrate(
    study: Study, scenario: Scenario, number: int, folder: Path, advance: Callable[[int], object]
) -> tuple[pd.DataFrame, Mapping[bool, float]]:
    """All corpora of one scenario, chunk by chunk, and its true deltas (raw, capped)."""
    rng = np.random.default_rng([study.seed, number, TRUTH])
    truths = {capped: true_delta(scenario, capped, rng) for capped in (False, True)}

    def chunk(numbers: range) -> pd.DataFrame:
        rngs = (np.random.default_rng([study.seed, number, i]) for i in numbers)
        rows = [row for rng in rngs for row in try_methods(scenario, truths, study.resamples, rng)]
        return pd.DataFrame(rows)

    name = _part_name("scenario", study, scenario, number)
    return pd.concat(_kept(folder / name, study.corpora, chunk, advance)), truths


def family_errors(
    study: Study, scenario: Scenario, number: int, folder: Path, advance: Callable[[int], object]
) -> pd.DataFrame:
    """Families of eleven languages without any cost: whether Holm's correction marks one of them."""

    def chunk(numbers: range) -> pd.DataFrame:
        return pd.DataFrame({"marked": [_marks_any(study, scenario, number, i) for i in numbers]})

    return pd.concat(_kept(folder / _part_name("family", study, scenario, number), study.families, chunk, advance))


def _marks_any(study: Study, scenario: Scenario, number: int, family: int) -> bool:
    rng = np.random.default_rng([study.seed, number, FAMILIES, family])
    p_values = []
    for _ in range(LANGUAGES):
        sums = simulate(scenario, rng).by_speaker(capped=False)
        p_values.append(bootstrap_deltas([sums], resample_weights(sums.clusters, study.resamples, rng))[0].p)
    return any(map(is_significant, holm(p_values)))


def _part_name(kind: str, study: Study, scenario: Scenario, number: int) -> str:
    """Changes with whatever changes what is in the part, so that nothing of other settings is reused."""
    made_with = [__version__, METHOD, study.resamples, study.seed, asdict(scenario), sorted(METHODS)]
    return f"{kind}-{number}-{part_key({'made with': made_with})[:8]}"


def _kept(
    name: Path, total: int, compute: Callable[[range], pd.DataFrame], advance: Callable[[int], object]
) -> Iterator[pd.DataFrame]:
    """Chunks 0 … total, read from disk where an earlier run left them."""
    for start in range(0, total, CHUNK):
        numbers = range(start, min(start + CHUNK, total))
        path = name.with_name(f"{name.name}-{start}-{numbers.stop}.parquet")
        if not path.exists():
            table = compute(numbers)
            write_atomically(path, table.to_parquet)
        advance(len(numbers))
        yield pd.read_parquet(path)
