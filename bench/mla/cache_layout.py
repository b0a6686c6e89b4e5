"""What a decoder caches, in closed form: vectors by their widths, and the bytes they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.memory_sums import decode_cache
from bench.mla.dimensions import Dimensions
from bench.mla.shapes import KV, LatentShape, Module

MODULES: tuple[Module, Module] = ("self", "cross")
Widths = tuple[int, ...]
"""Of the vectors that one layer keeps for a position: two a head, or a latent and what is kept beside it."""


@dataclass(frozen=True)
class CacheLayout:
    """Vectors that the decoder keeps, by their widths.

    `own`: of each layer, for each position of the text. `cross`: for each position of the encoder's output, of each
    layer, or once where all layers share a latent of it; empty where they attend that output itself, whose width
    `states` then is (else 0).
    """

    own: tuple[Widths, ...]
    cross: tuple[Widths, ...]
    states: int

    @classmethod
    def of(cls, dimensions: Dimensions, latents: Mapping[Module, LatentShape]) -> CacheLayout:
        """Of a Whisper of these dimensions, stock but for the modules that keep `latents`."""
        width, heads, layers = dimensions.d_model, dimensions.decoder_attention_heads, dimensions.decoder_layers
        stock = ((width // heads,) * (2 * heads),) * layers
        own, cross = (_of_latent(latents[name], width, layers) if name in latents else stock for name in MODULES)
        if "cross" not in latents:
            return cls(own, cross, 0)
        if latents["cross"].shared:
            return cls(own, cross[:1], 0)
        return cls(own, (), width) if latents["cross"].lossless else cls(own, cross, 0)

    @property
    def layers(self) -> int:
        """Of the decoder."""
        return len(self.own)

    def values(self, module: Module) -> int:
        """Cached a position, by all layers together."""
        return sum(map(sum, self.own if module == "self" else self.cross))

    def of_layer(self, module: Module, layer: int) -> int:
        """Values that a layer reads a position, its own or shared."""
        if module == "self":
            return sum(self.own[layer])
        return sum(self.cross[layer if len(self.cross) > 1 else 0]) if self.cross else self.states

    @property
    def is_shared(self) -> bool:
        """Whether what cross-attention reads is kept once for all layers."""
        return self.layers > len(self.cross)

    def own_bytes(self, positions: int, itemsize: int, kv: KV | None = None) -> int:
        """The self-attention cache of one row of the batch; `itemsize`: bytes a value of the model's dtype."""
        return positions * _vector_bytes(self.own, itemsize, kv)

    def cross_bytes(self, frames: int, itemsize: int, kv: KV | None = None) -> int:
        """The cross-attention cache of one row, over `frames` encoder positions; without the encoder's states."""
        return frames * _vector_bytes(self.cross, itemsize, kv)

    def decode_bytes(self, positions: int, frames: int, itemsize: int, kv: KV | None = None) -> int:
        """All that attention reads at a step; encoder states stay as they are under int8."""
        own, cross = self.own_bytes(positions, itemsize, kv), self.cross_bytes(frames, itemsize, kv)
        return decode_cache(own, cross, frames * self.states * itemsize)


def _vector_bytes(layers: tuple[Widths, ...], itemsize: int, kv: KV | None) -> int:
    """Under int8 a byte a value and a scale a vector."""
    widths = [width for layer in layers for width in layer]
    return sum(width + itemsize if kv == "int8" else width * itemsize for width in widths)


def _of_latent(shape: LatentShape, width: int, layers: int) -> tuple[Widths, ...]:
    """A latent, or the states whole, and the key dimensions kept beside it where there are any."""
    kept = (shape.kept,) if shape.kept else ()
    return tuple((width if rank is None else rank, *kept) for rank in shape.ranks(layers))
