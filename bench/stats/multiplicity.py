"""Corrections for testing several languages at once."""

from collections.abc import Sequence

import numpy as np
from statsmodels.stats.multitest import multipletests


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values in the order given; a NaN (nothing to test) stays NaN and counts in the family."""
    p = np.asarray(p_values, dtype=float)
    adjusted = multipletests(np.where(np.isnan(p), 1.0, p), method="holm")[1]
    return [float(value) for value in np.where(np.isnan(p), np.nan, adjusted)]
