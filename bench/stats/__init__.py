"""Pure functions on per-speaker sums: intervals, p-values and corrections. No input, no output, no global state."""

from bench.stats.bootstrap import PairedEstimate, PairedSums, paired_bootstrap
from bench.stats.multiplicity import holm

__all__ = ["PairedEstimate", "PairedSums", "holm", "paired_bootstrap"]
