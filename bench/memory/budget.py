"""The bytes of decoding in closed form: weights, caches, encoder states, as values that need no model."""

from __future__ import annotations

from dataclasses import dataclass

from bench.memory_load import Load
from bench.memory_sums import decode_cache, percent_change
from bench.mla.shapes import KV

ITEMSIZE = {"float32": 4, "float16": 2, "bfloat16": 2}
"""The bytes a value takes, by the dtypes that a suite may name."""


@dataclass(frozen=True)
class Decoding:
    """A load over `frames` encoder positions; `itemsize`: bytes a value of the model's dtype; `kv`: how the cache is
    stored, None in that dtype.
    """

    load: Load
    frames: int
    itemsize: int
    kv: KV | None = None


@dataclass(frozen=True)
class Budget:
    """Bytes. `states` are the encoder's, which stay for the whole of decoding; where `cross` is 0, cross-attention
    attends them itself: they are its cache, and are counted once.
    """

    weights: int
    own: int
    cross: int
    states: int

    @property
    def lines(self) -> dict[str, int]:
        """The parts and their sums, by name."""
        beside_weights = self.own + self.cross + self.states
        return {
            "weights": self.weights,
            "own": self.own,
            "cross": self.cross,
            "states": self.states,
            "decode_cache": decode_cache(self.own, self.cross, self.states),
            "beside_weights": beside_weights,
            "total": self.weights + beside_weights,
        }


@dataclass(frozen=True)
class Variant:
    """One form of a model and its budget; the first of several is the stock model."""

    name: str
    budget: Budget

    def change(self, line: str, stock: Variant) -> float | None:
        """The difference of a line from the stock model's, in per cent of that."""
        return percent_change(self.budget.lines[line], stock.budget.lines[line])
