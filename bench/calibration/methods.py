"""Every method under one name each: its p-value for any hypothesised cost, and the width of its interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from bench.stats import ALPHA, Bootstrap, PairedSums, clustered_t, critical_normal, mapsswe, sign_flip


@dataclass(frozen=True)
class Sample:
    """One rate of one simulated corpus, ready to be tested."""

    by_speaker: PairedSums
    by_clip: PairedSums
    bootstrap: Bootstrap
    flips: int
    rng: np.random.Generator


Method = Callable[[Sample, float], float]
"""(sample, hypothesised delta) to a two-sided p-value: the 95 % interval holds that delta where p is above 0.05."""


def against(sums: PairedSums, delta: float) -> PairedSums:
    """Sums whose delta is zero where the original's is `delta`."""
    return PairedSums.of_differences(sums.difference - delta * sums.length, sums.length)


def symmetric_t(sample: Sample, delta: float) -> float:
    b = sample.bootstrap
    return replace(b, estimate=b.estimate - delta).p


def percentile(sample: Sample, delta: float) -> float:
    b = sample.bootstrap
    return replace(b, estimate=b.estimate - delta).percentile_p


def t_of_speakers(sample: Sample, delta: float) -> float:
    return clustered_t(against(sample.by_speaker, delta))


def flips_of_speakers(sample: Sample, delta: float) -> float:
    return sign_flip([against(sample.by_speaker, delta)], sample.flips, sample.rng)[0]


def matched_pairs(sample: Sample, delta: float) -> float:
    """MAPSSWE with a clip as its segment: simulated errors have no place within a clip."""
    return mapsswe(against(sample.by_clip, delta).difference).p


METHODS: Mapping[str, Method] = {
    "symmetric bootstrap-t": symmetric_t,
    "percentile": percentile,
    "clustered t": t_of_speakers,
    "sign-flip": flips_of_speakers,
    "MAPSSWE (clips)": matched_pairs,
}
DEFAULT, REFERENCE = "symmetric bootstrap-t", "clustered t"
"""The method behind every mark, and the one that widths are held against."""


def widths(sample: Sample) -> dict[str, float]:
    """Widths of the 95 % intervals, of the methods that have one."""
    by_speaker, by_clip = sample.by_speaker, sample.by_clip
    t = float(stats.t.isf(ALPHA / 2, by_speaker.clusters - 1))
    per_clip = by_clip.difference.std(ddof=1) / np.sqrt(by_clip.clusters) / by_clip.length.mean()
    symmetric, plain = sample.bootstrap.interval(), sample.bootstrap.percentile()
    return {
        "symmetric bootstrap-t": symmetric[1] - symmetric[0],
        "percentile": plain[1] - plain[0],
        "clustered t": 2 * t * by_speaker.standard_error,
        "MAPSSWE (clips)": 2 * critical_normal(ALPHA) * float(per_clip),
    }
