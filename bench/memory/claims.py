"""What an arm's config says that it caches."""

from __future__ import annotations

from copy import copy
from typing import Any

from bench.arms import Arm
from bench.errors import BenchError
from bench.memory.budget import Budget, Decoding
from bench.memory.closed_form import budget_of
from bench.mla.dimensions import Dimensions
from bench.mla.shapes import ATTENTION, LatentShape, Module, read_shapes, shapes_of_config


def claim_of(arm: Arm, decoding: Decoding) -> Budget | None:
    """The budget that the config claims, in closed form.

    None for a model of somebody else's whose config and weights say nothing in words known here.
    """
    shapes = _claimed_shapes(arm)
    return None if shapes is None else budget_of(Dimensions.of_config(arm.model.config), shapes, decoding)


def _claimed_shapes(arm: Arm) -> dict[Module, LatentShape] | None:
    """The latents in the `mla` of its config.json, as it stands there; without one, in the shapes of its weights."""
    model = arm.model
    written = arm.source.read_json("config.json").get("mla") if arm.source.spec.built is None else None
    if written:
        return _read_claim(written, model.config)
    tensors = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    latents = read_shapes(tensors)
    if latents:
        return _read_claim(latents, model.config)
    width = model.config.d_model
    projections = (f"{name}.{part}_proj.weight" for name in ATTENTION.values() for part in "kv")
    return {} if all(_all_of(tensors, end) == {(width, width)} for end in projections) else None


def _read_claim(claimed: Any, config: Any) -> dict[Module, LatentShape] | None:
    """The latents of a claim; None where it is in other words than ours, or of shapes that are impossible."""
    claiming = copy(config)
    claiming.mla = claimed
    try:
        return shapes_of_config(claiming)
    except BenchError:
        return None


def _all_of(tensors: dict[str, tuple[int, ...]], ending: str) -> set[tuple[int, ...]]:
    """The shapes in the decoder's layers of tensors whose names end so."""
    return {shape for name, shape in tensors.items() if ".decoder.layers." in name and name.endswith(ending)}
