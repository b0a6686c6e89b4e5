"""From multi-head to latent attention: some key dimensions may be kept, one joint SVD takes the rest."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor
from transformers import WhisperForConditionalGeneration

from bench.mla.factorise import root, weighted_svd
from bench.mla.modeling_whisper_mla import WhisperLatentAttention, WhisperMLAForConditionalGeneration
from bench.mla.moments import Moments
from bench.mla.shapes import ATTENTION, EXACT, LatentShape, Module

Init = Literal["paper", "svd", "activation", "balanced", "exact"]
INITS: tuple[Init, ...] = get_args(Init)
CALIBRATED: tuple[Init, ...] = ("activation", "balanced")
"""The inits that need moments."""


def convert(
    model: WhisperForConditionalGeneration,
    shapes: Mapping[Module, LatentShape],
    init: Init,
    moments: Mapping[Module, Sequence[Moments]] | None = None,
) -> WhisperMLAForConditionalGeneration:
    """A copy of `model` whose attention is latent in the modules that `shapes` names; every other weight is the same.

    `paper` and `svd` weigh all rows and columns of the keys and values evenly (`paper` is the one that is meant to keep
    dimensions); `activation` weighs by what the layer sees; `balanced` also by what it asks: the query covariance of
    each head for key rows, the output projection for value rows. The latter two need `moments` on calibration clips.
    `exact` is for shapes without a rank, and only for them. Raises BenchError where a shape is impossible.
    """
    if (init in CALIBRATED) != (moments is not None):
        raise ValueError(f"init = {init!r}: moments are needed for {' and '.join(CALIBRATED)}, and for nothing else")
    if any((shape.rank is None) != (init == "exact") for shape in shapes.values()):
        raise ValueError(f"init = {init!r}: exact goes with shapes without a rank, and every other with a rank")
    for shape in shapes.values():
        shape.require_possible(model.config.d_model, model.config.decoder_attention_heads)
    converted = _empty_twin(model, shapes)
    for module, name in ATTENTION.items():
        if module in shapes:
            layers = zip(model.model.decoder.layers, converted.model.decoder.layers, strict=True)
            for index, (original, latent) in enumerate(layers):
                of_layer = None if moments is None else moments[module][index]
                _convert_attention(getattr(original, name), getattr(latent, name), init, of_layer)
    return converted


def convert_exactly(
    model: WhisperForConditionalGeneration, modules: Sequence[Module] = ("self", "cross")
) -> WhisperMLAForConditionalGeneration:
    """A copy that computes what `model` does and caches the layers' inputs, and the encoder's output once for all."""
    return convert(model, dict.fromkeys(modules, EXACT), "exact")


@torch.no_grad()
def expand(latent: WhisperLatentAttention) -> tuple[Tensor, Tensor]:
    """The key and value matrices it stands for, (width, width), rows as in the model that it was converted from."""
    _, kept_rows, rest_rows = _row_order(latent.heads, latent.head_dim, latent.kept_dim)
    keys, values = latent.k_up_proj.weight, latent.v_up_proj.weight
    if latent.down_proj is not None:
        keys, values = keys @ latent.down_proj.weight, values @ latent.down_proj.weight
    in_order = torch.empty_like(values)
    in_order[rest_rows] = keys
    if latent.kept_proj is not None:
        in_order[kept_rows] = latent.kept_proj.weight
    return in_order, values


def _empty_twin(
    model: WhisperForConditionalGeneration, shapes: Mapping[Module, LatentShape]
) -> WhisperMLAForConditionalGeneration:
    """All of `model` but the attentions that are to be converted, whose weights are still to be set."""
    config = copy.deepcopy(model.config)
    config.mla = {module: asdict(shape) for module, shape in shapes.items()}
    config.architectures = [WhisperMLAForConditionalGeneration.__name__]
    twin = WhisperMLAForConditionalGeneration(config)
    twin.to(model.dtype)
    twin.generation_config = copy.deepcopy(model.generation_config)
    twin.load_state_dict(model.state_dict(), strict=False)
    twin.eval()
    return twin


@torch.no_grad()
def _convert_attention(original: Any, latent: WhisperLatentAttention, init: Init, moments: Moments | None) -> None:
    """Reorders queries within each head (scores do not notice) and factorises the remaining rows."""
    order, kept_rows, rest_rows = _row_order(latent.heads, latent.head_dim, latent.kept_dim)
    key, value = original.k_proj.weight, original.v_proj.weight
    up = joint = torch.cat([key[rest_rows], value])
    if latent.down_proj is not None:
        left = None if moments is None or init != "balanced" else _left(original, moments, rest_rows)
        right = None if moments is None else root(moments.inputs)
        up, down = weighted_svd(joint, latent.rank, left, right)
        latent.down_proj.weight.copy_(down)
    latent.q_proj.weight.copy_(original.q_proj.weight[order])
    latent.q_proj.bias.copy_(original.q_proj.bias[order])
    if latent.kept_proj is not None:
        latent.kept_proj.weight.copy_(key[kept_rows])
    latent.k_up_proj.weight.copy_(up[: len(rest_rows)])
    latent.v_up_proj.weight.copy_(up[len(rest_rows) :])
    latent.v_up_proj.bias.copy_(original.v_proj.bias)
    latent.out_proj.load_state_dict(original.out_proj.state_dict())


def _left(original: Any, moments: Moments, rest_rows: Tensor) -> Tensor:
    """Block-diagonal: how much a key row's error moves the scores, and a value row's error the output."""
    heads, head_dim = moments.queries.shape[:2]
    rest = rest_rows.view(heads, -1) % head_dim
    output = original.out_proj.weight.double()
    moved = [queries[dims][:, dims] for queries, dims in zip(moments.queries, rest, strict=True)]
    moved.append(output.T @ output)
    largest = max(float(torch.linalg.eigvalsh(block).max()) for block in moved)  # a head may ask nothing at all
    blocks: Tensor = torch.block_diag(*(root(block, largest) for block in moved))
    return blocks


def _row_order(heads: int, head_dim: int, kept_dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of the query (kept first within each head), and the kept and remaining key rows head by head.

    Kept dimensions are spread uniformly over each head. Rows never cross heads: a converted layer of full rank would
    otherwise differ from the original.
    """
    kept = np.floor((np.arange(kept_dim) + 0.5) * head_dim / max(1, kept_dim)).astype(int)
    rest = np.setdiff1d(np.arange(head_dim), kept)
    starts = head_dim * np.arange(heads)[:, None]
    order = np.concatenate([starts + kept, starts + rest], axis=1)
    return (
        torch.from_numpy(order.ravel()),
        torch.from_numpy((starts + kept).ravel()),
        torch.from_numpy((starts + rest).ravel()),
    )
