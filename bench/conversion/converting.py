"""One model converted as requested, and held against the original on clips that were held back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from torch import nn
from transformers import WhisperForConditionalGeneration

from bench.arms import Arm, ArmSource
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion.allocation.allocating import Allocation
from bench.conversion.damage import Reconstruction, reconstruct
from bench.conversion.encoded import EncodedClips, encode_calibration
from bench.conversion.making import Made, make_by_need, make_evenly, measure
from bench.conversion.watching import Watch, unwatched
from bench.conversion_request import ConversionRequest
from bench.corpora import CalibrationClips
from bench.errors import BenchError
from bench.mla.cache_layout import CacheLayout
from bench.mla.layout import layout_of
from bench.mla.moments import Moments, Taught, collect_moments
from bench.mla.shapes import ATTENTION, KV, Module


@dataclass(frozen=True)
class LayerConversion:
    """One attention: parameters before and after, and how well its keys and values are kept (None without clips)."""

    module: Module
    layer: int
    parameters: tuple[int, int]
    reconstruction: Reconstruction | None


@dataclass(frozen=True)
class Damage:
    """Before any training: nats a token between the next-token distributions, and the clips behind that number.

    `made_with` names the clips that the conversion was given; `seen` and `held_back` count those that could be used,
    `passed_over` those that could not: unreadable, or longer than the window. `kv`: how the converted model
    cached.
    """

    corpus: str
    made_with: tuple[str, ...]
    seen: int
    held_back: int
    passed_over: int
    divergence: float
    kv: KV | None = None


@dataclass(frozen=True)
class Conversion:
    """A converted model, what each of its attentions became, caches and parameters before and after.

    `calibration`: in which languages, None for an init that needs no clips. `caution` says what to be wary of there.
    `allocation`: how widths were chosen, None where all are alike.
    """

    model: Any
    layers: tuple[LayerConversion, ...]
    layouts: tuple[CacheLayout, CacheLayout]
    parameters: tuple[int, int]
    damage: Damage | None
    calibration: CalibratedLanguages | None = None
    caution: str = ""
    allocation: Allocation | None = None


def require_stock(source: ArmSource) -> None:
    """Raises BenchError, before anything is loaded, for a model that brings its own code."""
    if "auto_map" in source.read_json("config.json"):
        raise BenchError(f"{source.folder}: brings its own code, so it is no stock Whisper; name the original")


def require_possible(arm: Arm, request: ConversionRequest, clips: CalibrationClips | None) -> int:
    """How many clips and texts the conversion will take. Raises BenchError where it is impossible."""
    if type(arm.model) is not WhisperForConditionalGeneration:
        raise BenchError(f"{arm.source.folder}: is converted already ({type(arm.model).__name__}); name the original")
    request.require_possible(arm.model.config)
    if clips is None and request.calibrated:
        raise BenchError(f"--init {request.init}: needs clips; give --calibration SUITE or a manifest")
    if clips is None:
        return 0
    made_with = len(clips.seen) + sum(map(len, clips.texts.values()))
    return len(clips.held_back) + (made_with if request.calibrated else 0)


def convert_arm(
    arm: Arm,
    request: ConversionRequest,
    clips: CalibrationClips | None,
    advance: Callable[[int], None],
    watch: Watch = unwatched,
    curves: Path | None = None,
) -> Conversion:
    """Made with the clips that may be seen, measured on the others; without clips nothing is said about damage.

    The weights are rounded to the dtype of the original's files, as they will be stored. `advance` hears of clips read,
    `watch` of the search for widths, whose curves are kept in the folder `curves`. Raises BenchError where the request
    is impossible.
    """
    require_possible(arm, request, clips)
    encoded = None if clips is None else encode_calibration(arm, clips, request.calibrated, advance)
    return convert_encoded(arm, request, encoded, watch, curves)


def convert_encoded(
    arm: Arm,
    request: ConversionRequest,
    encoded: EncodedClips | None,
    watch: Watch = unwatched,
    curves: Path | None = None,
) -> Conversion:
    """The same from clips that are encoded already, for a request that is known to be possible."""
    if encoded is None:
        return _describe(arm, request, make_evenly(arm, request, None), None, None)
    held_back = encoded.held_back
    if request.allocate:
        made = make_by_need(arm, request, encoded.taught, held_back, curves, watch)
    else:
        made = make_evenly(arm, request, encoded.taught if request.calibrated else None)
    nats = measure(arm, made, held_back, request.kv)
    if not isfinite(nats):
        raise BenchError(f"the converted model's divergence is {nats}: its weights are no numbers; try another init")
    described = _describe(arm, request, made, held_back, _damage(encoded, nats, request.kv))
    if not request.calibrated:
        return described
    caution = encoded.calibration.caution("this model", encoded.clips.languages)
    return replace(described, calibration=encoded.calibration, caution=caution)


def _damage(encoded: EncodedClips, nats: float, kv: KV | None) -> Damage:
    counts = encoded.heard, len(encoded.held_back), encoded.passed_over
    return Damage(encoded.clips.corpus, encoded.made_with, *counts, nats, kv)


def _describe(
    arm: Arm, request: ConversionRequest, made: Made, batches: Sequence[Taught] | None, damage: Damage | None
) -> Conversion:
    converted = made.model
    moments = None if batches is None else collect_moments(arm.model, batches, request.modules)
    layers = [layer for module in request.modules for layer in _layers(arm.model, converted, module, moments)]
    layouts = layout_of(arm.model), layout_of(converted)
    parameters = _count(arm.model), _count(converted)
    return Conversion(converted, tuple(layers), layouts, parameters, damage, allocation=made.allocation)


def _layers(
    original: Any, converted: Any, module: Module, moments: Mapping[Module, Sequence[Moments]] | None
) -> list[LayerConversion]:
    layers = []
    pairs = zip(original.model.decoder.layers, converted.model.decoder.layers, strict=True)
    for index, pair in enumerate(pairs):
        before, after = (getattr(layer, ATTENTION[module]) for layer in pair)
        kept = None if moments is None else reconstruct(before, after, moments[module][index])
        layers.append(LayerConversion(module, index, (_count(before), _count(after)), kept))
    return layers


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
