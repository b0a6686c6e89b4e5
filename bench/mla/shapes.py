"""The widths of latents: what was asked for, what is possible, and what a checkpoint's tensors say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bench.errors import BenchError

Module = Literal["self", "cross"]
KV = Literal["int8"]
"""How a cache is stored where it is not in the model's dtype."""
INT8: KV = "int8"
ATTENTION: dict[Module, str] = {"self": "self_attn", "cross": "encoder_attn"}
"""The decoder's attention modules, as a Whisper's layers name them."""

SHARED_DOWN = "decoder.cross_down_proj.weight"
"""What makes the latent that all cross-attentions share."""

KEPT_SHARE = 2 / 3
"""Of a latent layer's cached values, where key dimensions are kept: the split that fits the published card's size."""


Rank = int | None
"""Of one layer's latent. None: the states themselves, which need no factors and lose nothing."""


@dataclass(frozen=True)
class LatentShape:
    """`kept` key dimensions over all heads together, and the `rank` of the latent: one for all layers, or one a layer.

    `shared`: all layers attend one latent of the encoder's output, which is kept once.
    """

    kept: int
    rank: Rank | tuple[Rank, ...]
    shared: bool = False

    @classmethod
    def from_config(cls, entry: Mapping[str, Any]) -> LatentShape:
        """As `config.mla` says it. Raises TypeError or KeyError where that is something else."""
        rank = entry["rank"]
        ranks = tuple(rank) if isinstance(rank, list | tuple) else rank
        numbers = ranks if isinstance(ranks, tuple) else (ranks,)
        if not isinstance(entry["kept"], int) or not all(isinstance(number, int | None) for number in numbers):
            raise TypeError(f"mla: {entry}")
        return cls(**{**entry, "rank": ranks})

    @classmethod
    def of_ranks(cls, ranks: Sequence[Rank], kept: int = 0) -> LatentShape:
        """One a layer; said once where all are the same."""
        return cls(kept, ranks[0] if len(set(ranks)) == 1 else tuple(ranks))

    def config(self) -> dict[str, Any]:
        """As `config.mla` says it; what is not shared does not say so."""
        rank = list(self.rank) if isinstance(self.rank, tuple) else self.rank
        return {"kept": self.kept, "rank": rank} | ({"shared": True} if self.shared else {})

    def ranks(self, layers: int) -> tuple[Rank, ...]:
        """One a layer."""
        return self.rank if isinstance(self.rank, tuple) else (self.rank,) * layers

    @property
    def lossless(self) -> bool:
        """Whether every layer attends the states themselves."""
        return set(self.ranks(1)) == {None}

    def require_possible(self, width: int, heads: int, layers: int) -> None:
        """Raises BenchError, in one line that says what is."""
        ranks = self.ranks(layers)
        if len(ranks) != layers:
            raise BenchError(f"rank: {len(ranks)} widths for {layers} decoder layers; give one a layer, or one for all")
        if self.kept % heads or not 0 <= self.kept < width:
            raise BenchError(f"kept = {self.kept}: must be a multiple of the {heads} heads from 0 to below {width}")
        for rank in ranks:
            if rank is not None and not 1 <= rank <= width:
                raise BenchError(f"rank = {rank}: must lie between 1 and the model's width {width}")
        if None in ranks and self.kept:
            raise BenchError(
                f"kept = {self.kept}: a layer that keeps its states whole keeps no dimensions apart; set 0"
            )
        if self.shared and (self.kept or len(set(ranks)) > 1 or None in ranks):
            raise BenchError("a latent that all layers share has one rank and keeps no key dimensions; set kept = 0")


def require_possible(shapes: Mapping[Module, LatentShape], width: int, heads: int, layers: int) -> None:
    """Of both modules. Raises BenchError."""
    for shape in shapes.values():
        shape.require_possible(width, heads, layers)
    if "self" in shapes and shapes["self"].shared:
        raise BenchError("self-attention: each layer sees other states, so that no latent serves all; share cross's")
    if "cross" in shapes and None in (ranks := shapes["cross"].ranks(layers)) and set(ranks) != {None}:
        raise BenchError(
            "cross-attention: where one layer attends the encoder's states whole they are kept, so that the others "
            "save nothing by latents; give every layer a rank, or none"
        )


EXACT = LatentShape(kept=0, rank=None)


def shapes_of_config(config: Any) -> dict[Module, LatentShape]:
    """Those that `config.mla` claims. Raises BenchError where it is in other words, or they are impossible."""
    try:
        shapes = {module: LatentShape.from_config(entry) for module, entry in config.mla.items()}
    except (TypeError, KeyError, AttributeError):
        raise BenchError(
            "config.json: its `mla` is in unknown words; take the folder that bench convert wrote"
        ) from None
    if not set(shapes) <= set(ATTENTION):
        raise BenchError(f"config.json: mla names {', '.join(shapes)}; known are {', '.join(ATTENTION)}")
    require_possible(shapes, config.d_model, config.decoder_attention_heads, config.decoder_layers)
    return shapes


def values_of_cut(cut: float, width: int) -> int:
    """What a layer may cache of its 2 x width values a position. Raises BenchError where that is nothing or all."""
    values = round(2 * width * (1 - cut)) if 0 < cut < 1 else 0
    if not values:
        raise BenchError(f"cache cut {cut:g}: must lie between 0 and 1 and leave a value of the {2 * width} a layer")
    return values


def shape_of_cut(cut: float, width: int, heads: int, keeps: bool) -> LatentShape:
    """The shape that caches (1 - cut) of the 2 x width values of keys and values; `keeps` key dimensions or none.

    Raises BenchError where no shape does.
    """
    values = values_of_cut(cut, width)
    kept = min(int(KEPT_SHARE * values) // heads * heads, width - heads) if keeps else 0
    if keeps and not kept:
        raise BenchError(f"cache cut {cut:g}: leaves {values} values, too few to keep a dimension of each head")
    if values - kept > width:
        raise BenchError(
            f"cache cut {cut:g}: the latent would be wider than the model ({values - kept} of {width}); exact saves "
            "0.5 at no cost"
        )
    return LatentShape(kept, values - kept)


def read_shapes(tensors: Mapping[str, Sequence[int]]) -> dict[Module, dict[str, Any]]:
    """A checkpoint's latent modules as in `config.mla`, from its tensors' shapes by name; empty for a plain Whisper.

    Raises BenchError where layers keep different key dimensions.
    """
    found: dict[Module, dict[str, Any]] = {}
    shared = any(name.endswith(SHARED_DOWN) for name in tensors)
    for module, attention in ATTENTION.items():
        ending = f"{attention}.k_up_proj.weight"
        marks = sorted((name for name in tensors if name.endswith(ending)), key=_layer_number)
        if not marks:
            continue
        of_cross = shared and module == "cross"
        layers = [_read_layer(tensors, name.removesuffix("k_up_proj.weight"), of_cross) for name in marks]
        if len({kept for kept, _ in layers}) > 1:
            raise BenchError(
                f"the decoder's layers keep different key dimensions in {attention}; keep one number of them"
            )
        shape = LatentShape.of_ranks([rank for _, rank in layers], layers[0][0])
        found[module] = replace(shape, shared=of_cross).config()
    return found


def _layer_number(name: str) -> int:
    """Of a tensor of the decoder's layers, which are in no order in a file; 0 for another tensor."""
    found = re.search(r"\blayers\.(\d+)\.", name)
    return int(found.group(1)) if found else 0


def _read_layer(tensors: Mapping[str, Sequence[int]], layer: str, shared: bool) -> tuple[int, Rank]:
    kept = tensors.get(f"{layer}kept_proj.weight", (0,))[0]
    down = tensors.get(f"{layer}down_proj.weight")
    if shared:
        return kept, tensors[f"{layer}k_up_proj.weight"][1]
    return kept, None if down is None else down[0]
