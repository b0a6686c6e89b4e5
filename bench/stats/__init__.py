"""Pure functions on per-speaker sums: intervals, p-values, corrections, power. No input, no output, no global state."""

from bench.stats.bootstrap import Bootstrap
from bench.stats.design import ICC, clips_per_cluster, design_effect
from bench.stats.estimate import Estimate, Interval
from bench.stats.heterogeneity import FEWEST_GROUPS, RandomEffects, random_effects
from bench.stats.ladder import COARSEST, Shift, crossing, falling, threshold_shift
from bench.stats.mapsswe import Mapsswe, mapsswe, segment_differences
from bench.stats.margins import CappedCost, bound_capped_cost, draw_clusters, effective_clusters, largest_share
from bench.stats.multiplicity import BENJAMINI_HOCHBERG, HOLM, Correction, benjamini_hochberg, holm, within
from bench.stats.power import (
    critical_normal,
    expected_standard_error,
    minimum_detectable_effect,
    power_to_show_margin,
    size_ratio_for,
)
from bench.stats.resampling import bootstrap_deltas, bootstrap_log_contrasts, bootstrap_log_ratios, resample_weights
from bench.stats.seeds import FEWEST_SEEDS, PooledSeeds, pool_languages, pool_seeds
from bench.stats.significance import clustered_t, sign_flip
from bench.stats.simulation import Clips, draw_costs, simulate_power
from bench.stats.summaries import mean, median, slope_per_doubling, summarise
from bench.stats.sums import Crossing, Floats, PairedSums, Totals, cross, sum_within
from bench.stats.verdicts import (
    ALPHA,
    Direction,
    Margin,
    against_margin,
    direction,
    is_significant,
    p_hurts_more,
)

__all__ = [
    "ALPHA",
    "BENJAMINI_HOCHBERG",
    "COARSEST",
    "FEWEST_GROUPS",
    "FEWEST_SEEDS",
    "HOLM",
    "ICC",
    "Bootstrap",
    "CappedCost",
    "Clips",
    "Correction",
    "Crossing",
    "Direction",
    "Estimate",
    "Floats",
    "Interval",
    "Mapsswe",
    "Margin",
    "PairedSums",
    "PooledSeeds",
    "RandomEffects",
    "Shift",
    "Totals",
    "against_margin",
    "benjamini_hochberg",
    "bootstrap_deltas",
    "bootstrap_log_contrasts",
    "bootstrap_log_ratios",
    "bound_capped_cost",
    "clips_per_cluster",
    "clustered_t",
    "critical_normal",
    "cross",
    "crossing",
    "design_effect",
    "direction",
    "draw_clusters",
    "draw_costs",
    "effective_clusters",
    "expected_standard_error",
    "falling",
    "holm",
    "is_significant",
    "largest_share",
    "mapsswe",
    "mean",
    "median",
    "minimum_detectable_effect",
    "p_hurts_more",
    "pool_languages",
    "pool_seeds",
    "power_to_show_margin",
    "random_effects",
    "resample_weights",
    "segment_differences",
    "sign_flip",
    "simulate_power",
    "size_ratio_for",
    "slope_per_doubling",
    "sum_within",
    "summarise",
    "threshold_shift",
    "within",
]
