"""A stock Whisper beside what could be made of it: a cut, an 8-bit cache, the exact form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from transformers import WhisperConfig

from bench.memory.budget import Decoding, Variant
from bench.memory.closed_form import budget_of
from bench.memory.skeletons import EXACT_SHAPES, latent_shapes, make_skeleton
from bench.mla.shapes import Module, shapes_of_config


def list_variants(
    config: WhisperConfig, decoding: Decoding, cut: float | None, modules: Sequence[Module]
) -> list[Variant]:
    """The stock model; the converted one, if the config is of one, with and without an 8-bit cache; the cut, if one is
    asked for; an 8-bit cache; exact self- and cross-attention.

    Raises BenchError for widths or a cut that are impossible.
    """
    stock = make_skeleton(config)
    variants = [Variant("stock", budget_of(stock, decoding))]
    if getattr(config, "mla", None):
        converted = make_skeleton(config, shapes_of_config(config))
        variants.append(Variant("as converted", budget_of(converted, decoding)))
        variants.append(Variant("as converted, int8 cache", budget_of(converted, replace(decoding, kv="int8"))))
    if cut is not None:
        latent = make_skeleton(config, latent_shapes(config, cut, modules))
        variants.append(Variant(f"{100 * cut:g} % cut ({' + '.join(modules)})", budget_of(latent, decoding)))
    variants.append(Variant("int8 cache", budget_of(stock, replace(decoding, kv="int8"))))
    variants.append(Variant("exact (self + cross)", budget_of(make_skeleton(config, EXACT_SHAPES), decoding)))
    return variants
