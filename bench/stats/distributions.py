"""Tails of the normal and of Student's t distribution.

scipy.stats computes them by these special functions too, to the last bit, and takes a second longer to import.
"""

from scipy import special


def normal_sf(z: float) -> float:
    """The chance that a standard normal variable exceeds z."""
    return float(special.ndtr(-z))


def normal_isf(share: float) -> float:
    """The z that a standard normal variable exceeds with that chance."""
    return float(-special.ndtri(share))


def t_sf(t: float, df: float) -> float:
    """The chance that a t variable of `df` degrees of freedom exceeds t."""
    return float(special.stdtr(df, -t))


def t_isf(share: float, df: float) -> float:
    """The t that a variable of `df` degrees of freedom exceeds with that chance."""
    return float(-special.stdtrit(df, share))
