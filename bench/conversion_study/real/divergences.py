"""What conversions do to real Whispers before any training: divergence against what they cache."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.arms import Arm, find_arm, load_arm
from bench.conversion.clips import encode_clips
from bench.conversion.making import Made, make_by_need, make_evenly, measure
from bench.conversion.watching import unwatched
from bench.conversion_request import ConversionRequest
from bench.conversion_study.arms import CUTS
from bench.conversion_study.real.clips import model_folder, read_speech
from bench.io.files import write_atomically, write_text
from bench.mla.layout import layout_of
from bench.mla.moments import Taught
from bench.mla.shapes import KV, Module
from bench.suite import ArmSpec, DecodeSpec

MODELS = ("whisper-base", "whisper-tiny.en")
SHARED_RANKS = (1, 7 / 8, 3 / 4, 5 / 8, 1 / 2, 3 / 8, 1 / 4, 1 / 8)
"""Of a shared cross latent, as shares of the model's width."""
LOSS = 0.005
"""Nats a token for which the least cache is searched."""
TOKENS = 35
"""Positions of a usual transcript, at which self- and cross-attention's values are weighed."""
KINDS: tuple[KV | None, ...] = (None, "int8")
BOTH: tuple[Module, ...] = ("self", "cross")
Row = dict[str, Any]


def measure_divergences(work: Path) -> list[Row]:
    """A row a model, conversion and cache's dtype; finished ones are kept in `work`, curves too."""
    rows: list[Row] = []
    for name in MODELS:
        parts, arm = read_speech(name, work), load_arm(find_arm(_spec(name)), DecodeSpec(max_new_tokens=1), ())
        seen = list(encode_clips(arm, [clip for clips in parts.calibrate.values() for clip in clips], _quiet))
        tested = list(encode_clips(arm, [clip for clips in parts.test.values() for clip in clips], _quiet))
        for label, make in _conversions(arm, seen, tested, work):
            file = work / f"{name}-{label}.json"
            if not file.exists():
                made = _rows(arm, make(), tested, {"model": name, "conversion": label})
                write_atomically(file, partial(write_text, json.dumps(made)))
                print(json.dumps(made[0]), flush=True)
            rows += json.loads(file.read_text(encoding="utf-8"))
    return rows


def _spec(name: str) -> ArmSpec:
    return ArmSpec(name="original", model=model_folder(name))


def _quiet(_: int) -> None:
    """The study prints each row that is done."""


def _conversions(
    arm: Arm, seen: list[Taught], tested: list[Taught], work: Path
) -> Iterator[tuple[str, Callable[[], Made]]]:
    """By label, what makes it."""
    by_need = partial(make_by_need, arm, batches=seen, held_back=tested, curves=work, watch=unwatched)
    for cut in CUTS:
        of_cut = f"{100 * cut:g}"
        yield (
            f"allocated-{of_cut}",
            partial(by_need, ConversionRequest(("self",), "balanced", cut, None, 0, allocate=True)),
        )
        for init in ("balanced", "svd", "paper"):
            request = ConversionRequest(("self",), init, cut, None, 0)
            label = "even" if init == "balanced" else init
            yield f"{label}-{of_cut}", partial(make_evenly, arm, request, seen if request.calibrated else None)
    yield "stock", lambda: Made(arm.model)
    yield "exact", partial(make_evenly, arm, ConversionRequest(BOTH, "exact", None, None, 0), None)
    width = arm.model.config.d_model
    for share in SHARED_RANKS:
        rank = round(share * width)
        request = ConversionRequest(("cross",), "balanced", None, rank, 0, share_cross=True)
        yield f"shared-{rank}", partial(make_evenly, arm, request, seen)
    for kv in KINDS:
        least = ConversionRequest(BOTH, "balanced", None, None, 0, True, True, LOSS, TOKENS, kv)
        yield f"least-{kv or 'float'}", partial(by_need, least)


def _rows(arm: Arm, made: Made, tested: list[Taught], row: Row) -> list[Row]:
    """In the model's dtype and with an 8-bit cache."""
    layout, frames = layout_of(made.model), arm.model.config.max_source_positions
    shapes = getattr(made.model.config, "mla", {})
    rows: list[Row] = []
    for kv in KINDS:
        caches = {"self_bytes": layout.own_bytes(TOKENS, 4, kv), "bytes": layout.decode_bytes(TOKENS, frames, 4, kv)}
        nats = measure(arm, made, tested, kv)
        rows.append(row | {"kv": kv or "float32", "tokens": TOKENS, **caches, "divergence": nats, "shapes": shapes})
    return rows
