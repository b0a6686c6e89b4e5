"""The converted model itself: of even widths, or of those that a cut or a loss was allocated to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.arms import Arm, stored_dtype
from bench.conversion.allocation.allocating import Allocation
from bench.conversion.allocation.behind import convert_behind
from bench.conversion.allocation.requested import Budgeting
from bench.conversion.damage import divergence
from bench.conversion.watching import Watch
from bench.conversion_request import ConversionRequest
from bench.errors import BenchError
from bench.mla.convert import convert
from bench.mla.int8 import new_int8_cache
from bench.mla.moments import Moments, Taught, collect_moments
from bench.mla.shapes import INT8, KV, Module

TRIES, CLOSE, AIM, FARTHER = 5, 0.85, 0.95, 4.0
"""A loss is to be met on clips that nothing was chosen by: so often is another aimed at, until this close. The aim
moves by what is missing, at most so far."""
BEHIND: Module = "self"
"""What is converted layer by layer, for what reaches it through those that are converted already."""


@dataclass(frozen=True, eq=False)
class Made:
    """A model whose weights are as they will be stored, and how its widths were chosen if they were."""

    model: Any
    allocation: Allocation | None = None


def make_evenly(arm: Arm, request: ConversionRequest, batches: Iterable[Taught] | None) -> Made:
    """Every layer alike; `batches` for an init that is calibrated."""
    moments = None if batches is None else collect_moments(arm.model, batches, request.modules)
    return Made(_rounded(arm, convert(arm.model, request.shapes(arm.model.config), request.init, moments)))


def make_by_need(
    arm: Arm,
    request: ConversionRequest,
    batches: Sequence[Taught],
    held_back: Sequence[Taught],
    curves: Path | None,
    watch: Watch,
) -> Made:
    """Widths for the request's cut or loss, the latter met on clips `held_back`. Raises BenchError where it is not."""
    budgeting = Budgeting.of(arm, request, batches, curves, watch)
    at_once = [module for module in request.modules if module != BEHIND]
    moments = collect_moments(arm.model, batches, at_once) if at_once else {}
    if request.cut is not None:
        return _made(arm, request, budgeting.for_cut(request.cut), batches, moments)
    most = aim = request.max_divergence or 0.0
    best: Made | None = None
    found: Allocation | None = None
    for _ in range(TRIES):
        found = budgeting.for_loss(aim, found)
        made = _made(arm, request, found, batches, moments)
        nats = measure(arm, made, held_back, request.kv)
        if nats <= most and (best is None or _budget(made) < _budget(best)):
            best = made
        if CLOSE * most <= nats <= most:
            break
        aim *= AIM * most / max(nats, AIM * most / FARTHER)
    if best is None:
        raise BenchError(
            f"--max-divergence {most:g}: what was found comes to {nats:.2g} nats a token on clips held back; allow more"
        )
    return best


def measure(arm: Arm, made: Made, held_back: Iterable[Taught], kv: KV | None) -> float:
    """The divergence from the arm's model, with the cache that is asked for."""
    new_cache = new_int8_cache if kv == INT8 else None
    return divergence(arm.model, made.model, held_back, arm.vocabulary.prompt_tokens, new_cache)


def _budget(made: Made) -> int:
    return 0 if made.allocation is None else made.allocation.budget


def _made(
    arm: Arm,
    request: ConversionRequest,
    allocation: Allocation,
    batches: Sequence[Taught],
    moments: Mapping[Module, Sequence[Moments]],
) -> Made:
    """Self-attentions' factors are made behind the layers before them; `moments` are of the other modules."""
    shapes = allocation.shapes(arm.model.config.d_model, request.kv)
    if all(shape.lossless for shape in shapes.values()):
        return Made(_rounded(arm, convert(arm.model, shapes, "exact")), allocation)
    is_behind = BEHIND in shapes and not shapes[BEHIND].lossless
    converted = convert(arm.model, shapes, request.init, moments, unset=[BEHIND] if is_behind else [])
    if is_behind:
        convert_behind(arm.model, converted, request.init, batches)
    return Made(_rounded(arm, converted), allocation)


def _rounded(arm: Arm, converted: Any) -> Any:
    return converted.to(stored_dtype(arm.source)).to(arm.model.dtype)
