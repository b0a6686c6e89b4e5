"""The sufficient statistics of a paired comparison: sums of two systems over each cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""A sum of squares below this share of its terms is a zero that rounding has blurred."""


@dataclass(frozen=True)
class PairedSums:
    """Sums over each of G clusters (speakers), (G,): errors of `control` and `converted` arm, reference `length`."""

    control: Floats
    converted: Floats
    length: Floats

    def __post_init__(self) -> None:
        if not self.control.shape == self.converted.shape == self.length.shape or self.length.ndim != 1:
            raise ValueError("control, converted and length must be vectors of equal size")

    @classmethod
    def of_differences(cls, difference: Floats, length: Floats) -> PairedSums:
        """Sums of which only the differences are known, or only they have a meaning (a mean over training seeds)."""
        return cls(np.zeros_like(difference), difference, length)

    @property
    def clusters(self) -> int:
        return len(self.length)

    @property
    def difference(self) -> Floats:
        """The errors of the converted arm minus those of the control, a cluster."""
        return self.converted - self.control

    @property
    def delta(self) -> float:
        """The difference of the corpus rates, as a fraction; NaN without any reference."""
        total = self.length.sum()
        return float(self.difference.sum() / total) if total else float("nan")

    @property
    def residuals(self) -> Floats:
        """The residuals d_g - delta n_g, which sum to zero."""
        return self.difference - self.delta * self.length

    @property
    def standard_error(self) -> float:
        """The standard error of delta by clustered linearisation: SE^2 = G/(G-1) sum_g (d_g - delta n_g)^2 / N^2.

        NaN for fewer than two clusters or without any reference.
        """
        groups = self.clusters
        if groups < 2 or not self.length.any():
            return float("nan")
        scale = (self.difference**2).sum() + self.delta**2 * (self.length**2).sum()
        squares = without_rounding(np.asarray((self.residuals**2).sum()), np.asarray(scale))
        return float(np.sqrt(groups / (groups - 1) * squares) / self.length.sum())


def without_rounding(squares: Floats, scale: Floats) -> Floats:
    """Sums of squares, with those that are zero but for rounding set to zero."""
    return np.where(squares > ROUNDING * scale, squares, 0.0)
