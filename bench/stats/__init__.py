"""Pure functions on per-speaker sums: intervals, p-values and corrections. No input, no output, no global state."""

from bench.stats.bootstrap import PairedEstimate, paired_bootstrap, resample_weights
from bench.stats.multiplicity import holm
from bench.stats.significance import clustered_t, sign_flip
from bench.stats.sums import PairedSums

__all__ = [
    "PairedEstimate",
    "PairedSums",
    "clustered_t",
    "holm",
    "paired_bootstrap",
    "resample_weights",
    "sign_flip",
]
