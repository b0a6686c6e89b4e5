"""A stock Whisper beside what could be made of it: a cut, an 8-bit cache, the exact form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from transformers import WhisperConfig

from bench.memory.budget import Decoding, Variant
from bench.memory.closed_form import budget_of
from bench.memory.skeletons import EXACT_SHAPES, latent_shapes, make_skeleton
from bench.mla.shapes import Module


def list_variants(
    config: WhisperConfig, decoding: Decoding, cut: float | None, modules: Sequence[Module]
) -> list[Variant]:
    """The stock model; the cut, if one is asked for; an 8-bit cache; exact self- and cross-attention.

    Raises BenchError for a cut that is impossible.
    """
    stock = make_skeleton(config)
    variants = [Variant("stock", budget_of(stock, decoding))]
    if cut is not None:
        latent = make_skeleton(config, latent_shapes(config, cut, modules))
        variants.append(Variant(f"{100 * cut:g} % cut ({' + '.join(modules)})", budget_of(latent, decoding)))
    variants.append(Variant("int8 cache", budget_of(stock, replace(decoding, kv="int8"))))
    variants.append(Variant("exact (self + cross)", budget_of(make_skeleton(config, EXACT_SHAPES), decoding)))
    return variants
