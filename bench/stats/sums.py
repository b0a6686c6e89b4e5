"""The sufficient statistics of a paired comparison: sums of two systems over each cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

ROUNDING = 1e-12
"""A sum of squares below this share of its terms is a zero that rounding has blurred."""


@dataclass(frozen=True, eq=False)
class Crossing:
    """The counts of clusters summed otherwise, where several clusters read one sentence: speakers crossed with
    sentences.

    Over each of S sentences, (S, k), and over each sentence of each cluster, (C, k); the k columns are the cluster's.
    """

    sentences: Floats
    pairs: Floats

    def of(self, coefficients: npt.ArrayLike) -> Crossing:
        """Linear combinations of the columns; `coefficients` (k, m)."""
        made = np.asarray(coefficients, dtype=float)
        return Crossing(self.sentences @ made, self.pairs @ made)


@dataclass(frozen=True, eq=False)
class Totals:
    """k counts summed over each of G clusters, (G, k), and over sentences where those are crossed with the clusters."""

    clusters: Floats
    crossing: Crossing | None = None

    @classmethod
    def within(cls, values: Sequence[npt.ArrayLike], cluster: Ints, sentences: tuple[Ints, Ints] | None) -> Totals:
        """Values of one entry a clip, (n,) each, summed by the numbers that `cluster` and `cross` give the clips."""
        groups = [cluster] if sentences is None else [cluster, *sentences]
        clusters, *crossed = (np.stack([sum_within(of, column) for column in values], axis=1) for of in groups)
        return cls(clusters, Crossing(*crossed) if crossed else None)

    def of(self, coefficients: npt.ArrayLike) -> Totals:
        """Linear combinations of the columns; `coefficients` (k, m)."""
        made = np.asarray(coefficients, dtype=float)
        return Totals(self.clusters @ made, self.crossing and self.crossing.of(made))

    @property
    def freedom(self) -> int:
        """Degrees of freedom of a standard error: clusters, or sentences if those are fewer, minus one."""
        fewest = len(self.clusters) if self.crossing is None else min(len(self.clusters), len(self.crossing.sentences))
        return fewest - 1

    def variances(self, coefficients: npt.ArrayLike) -> tuple[float, float]:
        """The variance of a total of independent clusters, and that of clusters crossed with sentences.

        The total is `coefficients` (k,) of the counts, an influence that sums to zero; of independent units
        K / (K - 1) sum x^2, and crossed V = V_clusters + V_sentences - V_pairs, no less than the larger of the first
        two: Cameron, Gelbach & Miller (2011), Robust inference with multiway clustering. NaN for fewer than two units.
        """
        weights = np.asarray(coefficients, dtype=float)
        one_way = _variance(self.clusters, weights)
        if self.crossing is None:
            return one_way, one_way
        sentences, pairs = (_variance(sums, weights) for sums in (self.crossing.sentences, self.crossing.pairs))
        return one_way, float(np.maximum(max(one_way, sentences), one_way + sentences - pairs))


def _variance(sums: Floats, coefficients: Floats) -> float:
    """Of independent units (K, k): zero where only rounding differs from it."""
    units = len(sums)
    if units < 2:
        return float("nan")
    scale = (sums**2 @ coefficients**2).sum()
    squares = without_rounding(np.asarray(((sums @ coefficients) ** 2).sum()), np.asarray(scale))
    return float(units / (units - 1) * squares)


@dataclass(frozen=True)
class PairedSums:
    """Sums over each of G clusters (speakers), (G,): errors of `control` and `converted` arm, reference `length`.

    `crossing`: the same three counts over sentences, where several clusters read one.
    """

    control: Floats
    converted: Floats
    length: Floats
    crossing: Crossing | None = None

    def __post_init__(self) -> None:
        if not self.control.shape == self.converted.shape == self.length.shape or self.length.ndim != 1:
            raise ValueError("control, converted and length must be vectors of equal size")

    @classmethod
    def of_differences(cls, difference: Floats, length: Floats, crossing: Crossing | None = None) -> PairedSums:
        """Sums of which only the differences are known, or only they have a meaning (a mean over training seeds)."""
        return cls(np.zeros_like(difference), difference, length, crossing)

    @classmethod
    def of_totals(cls, totals: Totals) -> PairedSums:
        """Of three columns: control, converted, length."""
        control, converted, length = totals.clusters.T
        return cls(control, converted, length, totals.crossing)

    @classmethod
    def mean(cls, pairs: Sequence[PairedSums]) -> PairedSums:
        """The mean of several sums over the same clusters (training seeds)."""
        totals = [sums.totals for sums in pairs]
        clusters = np.mean([each.clusters for each in totals], axis=0)
        crossed = [each.crossing for each in totals if each.crossing is not None]
        if not crossed:
            return cls.of_totals(Totals(clusters))
        sentences = np.mean([crossing.sentences for crossing in crossed], axis=0)
        return cls.of_totals(Totals(clusters, Crossing(sentences, np.mean([each.pairs for each in crossed], axis=0))))

    @property
    def totals(self) -> Totals:
        """Three columns: control, converted, length."""
        return Totals(np.stack([self.control, self.converted, self.length], axis=1), self.crossing)

    @property
    def clusters(self) -> int:
        return len(self.length)

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the standard error."""
        return self.totals.freedom

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
    def without_one(self) -> tuple[float, float]:
        """The least and the largest delta without one of the clusters; NaN where none is left, or no reference."""
        lengths = self.length.sum() - self.length
        with np.errstate(divide="ignore", invalid="ignore"):
            deltas = (self.difference.sum() - self.difference) / lengths
        known = deltas[lengths > 0]
        return (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))

    @property
    def residuals(self) -> Floats:
        """The residuals d_g - delta n_g, which sum to zero."""
        return self.difference - self.delta * self.length

    @property
    def standard_errors(self) -> tuple[float, float]:
        """The standard error of delta by clustered linearisation, of independent clusters and of crossed ones.

        SE^2 = G/(G-1) sum_g (d_g - delta n_g)^2 / N^2, or the two-way form of it. NaN for fewer than two clusters or
        without any reference.
        """
        if self.clusters < 2 or not self.length.any():
            return float("nan"), float("nan")
        differences = self.totals.of([[-1, 0], [1, 0], [0, 1]])
        one_way, crossed = np.sqrt(differences.variances((1, -self.delta))) / self.length.sum()
        return float(one_way), float(crossed)

    @property
    def standard_error(self) -> float:
        """The standard error of delta, two-way where sentences are crossed with the clusters."""
        return self.standard_errors[1]


def sum_within(group: Ints, values: npt.ArrayLike) -> Floats:
    """One value a clip, summed by the number of its group: (G,)."""
    return np.bincount(group, weights=np.asarray(values, dtype=float)).astype(np.float64)


def cross(cluster: Ints, sentence: Ints) -> tuple[Ints, Ints] | None:
    """The number of each clip's sentence, and that of its sentence by its cluster, from the numbers of both, (n,).

    None where no sentence is read by two clusters: nothing is crossed. None too of a single sentence, of which nothing
    can be told how sentences differ.
    """
    count = int(sentence.max()) + 1
    pair = np.unique(cluster * count + sentence, return_inverse=True)[1]
    is_crossed = count > 1 and int(pair.max()) + 1 > count
    return (sentence, pair) if is_crossed else None


def without_rounding(squares: Floats, scale: Floats) -> Floats:
    """Sums of squares, with those that are zero but for rounding set to zero."""
    return np.where(squares > ROUNDING * scale, squares, 0.0)
