"""The widths of latents: what was asked for, what is possible, and what a checkpoint's tensors say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.errors import BenchError

Module = Literal["self", "cross"]
KV = Literal["int8"]
"""How a cache is stored where it is not in the model's dtype."""
ATTENTION: dict[Module, str] = {"self": "self_attn", "cross": "encoder_attn"}
"""The decoder's attention modules, as a Whisper's layers name them."""

KEPT_SHARE = 2 / 3
"""Of a latent layer's cached values, where key dimensions are kept: the split that fits the published card's size."""


@dataclass(frozen=True)
class LatentShape:
    """`kept` key dimensions over all heads together, and the `rank` of the shared latent; None: the states themselves.

    The latter needs no factors and loses nothing.
    """

    kept: int
    rank: int | None

    def require_possible(self, width: int, heads: int) -> None:
        """Raises BenchError, in one line that says what is."""
        if self.kept % heads or not 0 <= self.kept < width:
            raise BenchError(f"kept = {self.kept}: must be a multiple of the {heads} heads from 0 to below {width}")
        if self.rank is not None and not 1 <= self.rank <= width:
            raise BenchError(f"rank = {self.rank}: must lie between 1 and the model's width {width}")


EXACT = LatentShape(kept=0, rank=None)


def shape_of_cut(cut: float, width: int, heads: int, keeps: bool) -> LatentShape:
    """The shape that caches (1 - cut) of the 2 x width values of keys and values; `keeps` key dimensions or none.

    Raises BenchError where no shape does.
    """
    values = round(2 * width * (1 - cut)) if 0 < cut < 1 else 0
    if not values:
        raise BenchError(f"cache cut {cut:g}: must lie between 0 and 1 and leave a value of the {2 * width} a layer")
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

    Raises BenchError where its layers differ.
    """
    found: dict[Module, dict[str, Any]] = {}
    for module, attention in ATTENTION.items():
        marks = {
            name.removesuffix("k_up_proj.weight") for name in tensors if name.endswith(f"{attention}.k_up_proj.weight")
        }
        shapes = {_read_layer(tensors, mark) for mark in marks}
        if len(shapes) > 1:
            raise BenchError(f"the decoder's layers have latents of several shapes in {attention}; they must have one")
        for kept, rank in shapes:
            found[module] = {"kept": kept, "rank": rank}
    return found


def _read_layer(tensors: Mapping[str, Sequence[int]], layer: str) -> tuple[int, int | None]:
    kept = tensors.get(f"{layer}kept_proj.weight", (0,))[0]
    down = tensors.get(f"{layer}down_proj.weight")
    return kept, None if down is None else down[0]
