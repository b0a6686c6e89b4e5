"""A stock Whisper beside what could be made of it: a cut, an 8-bit cache, the exact form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from transformers import WhisperConfig

from bench.memory.budget import Budget, Load, budget_of, percent_change
from bench.memory.skeletons import EXACT_SHAPES, latent_shapes, make_skeleton
from bench.mla.shapes import Module


@dataclass(frozen=True)
class Rival:
    """One form of a model and its budget; the first of several is the stock model."""

    name: str
    budget: Budget

    def change(self, line: str, stock: Rival) -> float | None:
        """By how many per cent a line of the budget is above the stock model's."""
        return percent_change(getattr(self.budget, line), getattr(stock.budget, line))


def list_rivals(config: WhisperConfig, load: Load, cut: float | None, modules: Sequence[Module]) -> list[Rival]:
    """Stock; the cut, if one is asked for; an 8-bit cache; exact self- and cross-attention.

    Raises BenchError for a cut that is impossible.
    """
    stock = make_skeleton(config)
    rivals = [Rival("stock", budget_of(stock, load))]
    if cut is not None:
        latent = make_skeleton(config, latent_shapes(config, cut, modules))
        rivals.append(Rival(f"{100 * cut:g} % cut ({' + '.join(modules)})", budget_of(latent, load)))
    rivals.append(Rival("int8 cache", budget_of(stock, replace(load, kv="int8"))))
    rivals.append(Rival("exact (self + cross)", budget_of(make_skeleton(config, EXACT_SHAPES), load)))
    return rivals
