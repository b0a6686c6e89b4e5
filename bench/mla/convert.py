"""From multi-head to latent attention: some key dimensions may be kept, one joint SVD takes the rest."""

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import WhisperForConditionalGeneration

from bench.mla.factorise import root, shared_svd, weighted_svd
from bench.mla.inits import CALIBRATED, Init
from bench.mla.modeling_whisper_mla import WhisperLatentAttention, WhisperMLAForConditionalGeneration
from bench.mla.moments import Moments
from bench.mla.shapes import ATTENTION, EXACT, LatentShape, Module, require_possible


def convert(
    model: WhisperForConditionalGeneration,
    shapes: Mapping[Module, LatentShape],
    init: Init,
    moments: Mapping[Module, Sequence[Moments]] | None = None,
    unset: Collection[Module] = (),
) -> WhisperMLAForConditionalGeneration:
    """A copy of `model` whose attention is latent in the modules that `shapes` names; every other weight is the same.

    `paper` and `svd` weigh all rows and columns of the keys and values evenly (`paper` is the one that is meant to keep
    dimensions); `activation` weighs by what the layer sees; `balanced` also by what it asks: the query covariance of
    each head for key rows, the output projection for value rows. The latter two need `moments` on calibration clips.
    `exact` is for shapes without a rank, and only for them; in a list of ranks a layer without one stays exact under
    every init. Modules named `unset` get their shape and no weights: these the caller sets. Raises BenchError where a
    shape is impossible.
    """
    if (init in CALIBRATED) != (moments is not None):
        raise ValueError(f"init = {init!r}: moments are needed for {' and '.join(CALIBRATED)}, and for nothing else")
    lossless = [shape.lossless for shape in shapes.values()]
    if not all(lossless) if init == "exact" else all(lossless):
        raise ValueError(f"init = {init!r}: exact goes with shapes without a rank, and every other with a rank")
    config = model.config
    require_possible(shapes, config.d_model, config.decoder_attention_heads, config.decoder_layers)
    converted = _empty_twin(model, shapes)
    for module, shape in shapes.items():
        if module in unset:
            continue
        before, after = (
            [getattr(layer, ATTENTION[module]) for layer in each.model.decoder.layers] for each in (model, converted)
        )
        of_layers = [None] * len(before) if moments is None or shape.lossless else moments[module]
        if shape.shared:
            share_latent(before, after, init, of_layers)
        else:
            for original, latent, of_layer in zip(before, after, of_layers, strict=True):
                convert_attention(original, latent, init, of_layer)
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
    if latent.down is not None:
        keys, values = keys @ latent.down.weight, values @ latent.down.weight
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
    config.mla = {module: shape.config() for module, shape in shapes.items()}
    config.architectures = [WhisperMLAForConditionalGeneration.__name__]
    twin = WhisperMLAForConditionalGeneration(config)
    twin.to(model.dtype)
    twin.generation_config = copy.deepcopy(model.generation_config)
    twin.load_state_dict(model.state_dict(), strict=False)
    twin.eval()
    return twin


@torch.no_grad()
def convert_attention(original: Any, latent: WhisperLatentAttention, init: Init, moments: Moments | None) -> None:
    """Sets the weights of `latent`: queries reordered within each head (scores do not notice), the rest factorised."""
    _, _, rest_rows = _row_order(latent.heads, latent.head_dim, latent.kept_dim)
    joint = _joint_rows(original, rest_rows)
    if latent.down_proj is None:
        _set_weights(original, latent, joint)
        return
    left = None if moments is None or init != "balanced" else _left(original, moments, rest_rows)
    right = None if moments is None else root(moments.inputs)
    up, down = weighted_svd(joint, latent.rank, left, right)
    latent.down_proj.weight.copy_(down)
    _set_weights(original, latent, up)


@torch.no_grad()
def share_latent(
    originals: Sequence[Any], latents: Sequence[Any], init: Init, moments: Sequence[Moments | None]
) -> None:
    """Sets the weights of all layers' attentions over one latent, by a joint SVD over all their key and value rows.

    Every layer sees the same states: their second moment is the first layer's.
    """
    rest_rows = torch.arange(originals[0].k_proj.weight.shape[0])
    joints = [_joint_rows(original, rest_rows) for original in originals]
    lefts = [
        None if each is None or init != "balanced" else _left(original, each, rest_rows)
        for original, each in zip(originals, moments, strict=True)
    ]
    right = None if moments[0] is None else root(moments[0].inputs)
    ups, down = shared_svd(joints, latents[0].rank, lefts, right)
    latents[0].shared_down.weight.copy_(down)
    for original, latent, up in zip(originals, latents, ups, strict=True):
        _set_weights(original, latent, up)


def _joint_rows(original: Any, rest_rows: Tensor) -> Tensor:
    """The key rows that go through the latent, and all value rows."""
    return torch.cat([original.k_proj.weight[rest_rows], original.v_proj.weight])


def _set_weights(original: Any, latent: WhisperLatentAttention, up: Tensor) -> None:
    """All but the projection down."""
    order, kept_rows, rest_rows = _row_order(latent.heads, latent.head_dim, latent.kept_dim)
    latent.q_proj.weight.copy_(original.q_proj.weight[order])
    latent.q_proj.bias.copy_(original.q_proj.bias[order])
    if latent.kept_proj is not None:
        latent.kept_proj.weight.copy_(original.k_proj.weight[kept_rows])
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
