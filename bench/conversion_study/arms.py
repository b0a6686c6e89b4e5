"""The conversions that are held against one another."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.conversion_request import ConversionRequest
from bench.mla.inits import Init
from bench.mla.shapes import Module, values_of_cut

CUTS = (0.625, 0.75, 0.875, 0.9375)
"""Shares of the self-attention cache."""
INITS: tuple[Init, ...] = ("paper", "svd", "activation", "balanced")
BOTH: tuple[Module, ...] = ("self", "cross")


@dataclass(frozen=True)
class StudyArm:
    """A conversion to be made, or, without a request, the original with its cache in 8 bits."""

    name: str
    init: str
    cut: float
    request: ConversionRequest | None


def study_arms(width: int, heads: int) -> Iterator[StudyArm]:
    """For an original of that width; every one converts self-attention, `exact` cross-attention too."""
    for cut in CUTS:
        for init in INITS:
            yield StudyArm(f"{init}-{100 * cut:g}", init, cut, ConversionRequest(("self",), init, cut, None, 0))
        yield _half_kept(cut, width, heads)
    yield StudyArm("exact", "exact", 0.5, ConversionRequest(BOTH, "exact", None, None, 0))
    yield StudyArm("int8", "int8", 0.0, None)


def _half_kept(cut: float, width: int, heads: int) -> StudyArm:
    """`paper` with half of the cached values kept dimensions rather than two thirds: the paper does not say."""
    values = values_of_cut(cut, width)
    kept = values // 2 // heads * heads
    request = ConversionRequest(("self",), "paper", None, values - kept, kept)
    return StudyArm(f"paper-half-{100 * cut:g}", "paper, half kept", cut, request)
