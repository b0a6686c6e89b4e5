"""A stock Whisper beside what could be made of it: a cut, an 8-bit cache, the exact form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.memory.budget import Decoding, Variant
from bench.memory.closed_form import budget_of
from bench.mla.dimensions import Dimensions
from bench.mla.shapes import EXACT, INT8, LatentShape, Module, shape_of_cut, shapes_of_config

EXACT_SHAPES: Mapping[Module, LatentShape] = {"self": EXACT, "cross": EXACT}


def list_variants(
    dimensions: Dimensions, decoding: Decoding, cut: float | None, modules: Sequence[Module]
) -> list[Variant]:
    """The stock model; the converted one, if the config is of one, with and without an 8-bit cache; the cut, if one is
    asked for; an 8-bit cache; exact self- and cross-attention.

    Raises BenchError for widths or a cut that are impossible.
    """
    in_int8 = replace(decoding, kv=INT8)
    variants = [Variant("stock", budget_of(dimensions, {}, decoding))]
    if dimensions.mla:
        shapes = shapes_of_config(dimensions)
        variants.append(Variant("as converted", budget_of(dimensions, shapes, decoding)))
        variants.append(Variant("as converted, int8 cache", budget_of(dimensions, shapes, in_int8)))
    if cut is not None:
        latents = latent_shapes(dimensions, cut, modules)
        variants.append(
            Variant(f"{100 * cut:g} % cut ({' + '.join(modules)})", budget_of(dimensions, latents, decoding))
        )
    variants.append(Variant("int8 cache", budget_of(dimensions, {}, in_int8)))
    variants.append(Variant("exact (self + cross)", budget_of(dimensions, EXACT_SHAPES, decoding)))
    return variants


def latent_shapes(dimensions: Dimensions, cut: float, modules: Sequence[Module]) -> dict[Module, LatentShape]:
    """Latents without kept dimensions that cut the cache of each module. Raises BenchError for an impossible cut."""
    shape = shape_of_cut(cut, dimensions.d_model, dimensions.decoder_attention_heads, keeps=False)
    return dict.fromkeys(modules, shape)
