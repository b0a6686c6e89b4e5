"""How a converted model was made, as its own files say: recorded with what is decoded with it, and told by cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.corpus_identity import Record


class Latent(Record):
    """What one attention keeps a position: `kept` key dimensions over all heads, and a latent of a `rank` a layer.

    A rank of None: the layer's whole input. `shared`: one latent of the encoder's output for all layers.
    """

    kept: int
    ranks: tuple[int | None, ...]
    shared: bool = False

    def values(self, width: int) -> int:
        """Cached a position by all layers together."""
        ranks = self.ranks[:1] if self.shared else self.ranks
        return sum(self.kept + (width if rank is None else rank) for rank in ranks)


class ConversionRecord(Record):
    """`base`: the model it was made from, as it may be told to others, and `init`: None where no record says.

    `width` is the decoder's, with so many `layers`; `latents` by the module they replace ("self", "cross").
    `divergence`: nats a token from the original before any training, on so many clips `held_back`; None where it was
    not measured.
    """

    base: str | None = None
    init: str | None = None
    width: int
    layers: int
    latents: Mapping[str, Latent]
    divergence: float | None = None
    held_back: int | None = None

    @classmethod
    def of(
        cls, config: Mapping[str, Any], shapes: Mapping[Any, Mapping[str, Any]], recorded: Mapping[str, Any]
    ) -> ConversionRecord:
        """From a model's configuration, the widths of its tensors, and the record beside it, empty where there is none.

        Raises KeyError, TypeError, AttributeError or ValueError where they are damaged.
        """
        layers, damage = config["decoder_layers"], recorded.get("damage") or {}
        return cls(
            base=recorded.get("base"),
            init=(recorded.get("request") or {}).get("init"),
            width=config["d_model"],
            layers=layers,
            latents={module: _latent(shape, layers) for module, shape in shapes.items()},
            divergence=damage.get("divergence"),
            held_back=damage.get("held_back"),
        )

    @property
    def own(self) -> tuple[int, int] | None:
        """Values that self-attention keeps a token, and those of a plain Whisper; None where it is one there."""
        latent = self.latents.get("self")
        return None if latent is None else (latent.values(self.width), 2 * self.width * self.layers)


def _latent(shape: Mapping[str, Any], layers: int) -> Latent:
    rank = shape["rank"]
    ranks = tuple(rank) if isinstance(rank, list | tuple) else (rank,) * layers
    return Latent(kept=shape["kept"], ranks=ranks, shared=shape.get("shared", False))
