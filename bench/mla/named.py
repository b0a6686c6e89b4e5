"""Conversions by name: exact, or an init and the cut of the self-attention cache in per cent, such as paper-62.5."""

from collections.abc import Mapping, Sequence
from typing import Any

from transformers import WhisperForConditionalGeneration

from bench.mla.convert import convert, convert_exactly
from bench.mla.inits import CALIBRATED, INITS, Init
from bench.mla.moments import Moments
from bench.mla.shapes import Module, shape_of_cut

EXACT = "exact"


def convert_as(
    name: str, model: WhisperForConditionalGeneration, moments: Mapping[Module, Sequence[Moments]] | None = None
) -> Any:
    """`exact` converts both attentions, any other the self-attention; `moments` are for inits that are calibrated.

    Raises BenchError where the cut is impossible, ValueError where there is no such conversion.
    """
    if name == EXACT:
        return convert_exactly(model)
    init, cut = parse_name(name)
    config = model.config
    shape = shape_of_cut(cut, config.d_model, config.decoder_attention_heads, keeps=init == "paper")
    return convert(model, {"self": shape}, init, moments if init in CALIBRATED else None)


def parse_name(name: str) -> tuple[Init, float]:
    """Init and cut, the latter as a share."""
    head, _, per_cent = name.rpartition("-")
    for init in INITS:
        if init == head and init != EXACT:
            return init, float(per_cent) / 100
    raise ValueError(f"no conversion is called {name!r}")
