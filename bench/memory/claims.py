"""What an arm's config says that it caches."""

from __future__ import annotations

from typing import Any

from bench.memory.budget import Budget, Load, budget_of
from bench.memory.skeletons import make_skeleton
from bench.mla.shapes import ATTENTION, LatentShape, Module, read_shapes


def claim_of(model: Any, load: Load) -> Budget | None:
    """In closed form; None for a model of somebody else's whose config and weights say nothing in words known here."""
    shapes = _claimed_shapes(model)
    return None if shapes is None else budget_of(make_skeleton(model.config, shapes), load)


def _claimed_shapes(model: Any) -> dict[Module, LatentShape] | None:
    """By its config's `mla`; where that says nothing, by the shapes of its weights: latents, or keys and values."""
    tensors = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    claimed = getattr(model.config, "mla", None) or read_shapes(tensors)
    if not claimed:
        return {} if any(name.endswith(f"{ATTENTION['self']}.k_proj.weight") for name in tensors) else None
    try:
        return {module: LatentShape(**claimed[module]) for module in ATTENTION if module in claimed}
    except TypeError:
        return None
