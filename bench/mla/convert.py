"""From multi-head to latent attention: uniformly kept key dimensions, and one joint SVD of everything else."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from transformers import WhisperForConditionalGeneration

from bench.errors import BenchError
from bench.mla.factorise import root, weighted_svd
from bench.mla.modeling_whisper_mla import WhisperLatentAttention, WhisperMLAForConditionalGeneration
from bench.mla.moments import Moments

Weighing = Literal["even", "inputs", "balanced"]


@dataclass(frozen=True)
class LatentShape:
    """`kept` key dimensions over all heads together, and the `rank` of the shared latent."""

    kept: int
    rank: int

    @property
    def values_per_token(self) -> int:
        """What one layer caches for one position, where multi-head attention caches twice its width."""
        return self.kept + self.rank


def convert(
    model: WhisperForConditionalGeneration,
    shape: LatentShape,
    weighing: Weighing = "even",
    moments: Sequence[Moments] | None = None,
) -> WhisperMLAForConditionalGeneration:
    """A copy of `model` whose decoder self-attention is latent; every other weight is the same.

    The SVD weighs all rows and columns evenly; or by `inputs`, what the layer sees; or `balanced`: by that, and by what
    it asks, the query covariance of each head for key rows and the output projection for value rows. Both need the
    layers' `moments` on calibration clips.
    """
    if (weighing == "even") != (moments is None):
        raise ValueError(f"weighing = {weighing!r}: moments are needed for inputs and balanced, and for nothing else")
    width, heads = model.config.d_model, model.config.decoder_attention_heads
    if shape.kept % heads or not 0 <= shape.kept < width:
        raise BenchError(f"kept = {shape.kept}: must be a multiple of the {heads} heads from 0 to below {width}")
    if not 1 <= shape.rank <= width:
        raise BenchError(f"rank = {shape.rank}: must lie between 1 and the model's width {width}")
    config = copy.deepcopy(model.config)
    config.mla = {"kept": shape.kept, "rank": shape.rank}
    config.architectures = [WhisperMLAForConditionalGeneration.__name__]
    converted = WhisperMLAForConditionalGeneration(config)
    converted.to(model.dtype)
    converted.generation_config = copy.deepcopy(model.generation_config)
    converted.load_state_dict(model.state_dict(), strict=False)
    layers = zip(model.model.decoder.layers, converted.model.decoder.layers, strict=True)
    for index, (original, latent) in enumerate(layers):
        of_layer = None if moments is None else moments[index]
        _convert_layer(original.self_attn, latent.self_attn, weighing, of_layer)
    converted.eval()
    return converted


@torch.no_grad()
def _convert_layer(original: Any, latent: WhisperLatentAttention, weighing: Weighing, moments: Moments | None) -> None:
    """Reorders queries within each head (scores do not notice) and factorises the remaining rows."""
    order, kept_rows, rest_rows = _row_order(latent.heads, latent.head_dim, latent.kept_dim)
    key, value = original.k_proj.weight, original.v_proj.weight
    joint = torch.cat([key[rest_rows], value])
    left = None if moments is None or weighing != "balanced" else _left(original, moments, rest_rows)
    right = None if moments is None else root(moments.inputs)
    up, down = weighted_svd(joint, latent.down_proj.out_features, left, right)
    latent.q_proj.weight.copy_(original.q_proj.weight[order])
    latent.q_proj.bias.copy_(original.q_proj.bias[order])
    if latent.kept_proj is not None:
        latent.kept_proj.weight.copy_(key[kept_rows])
    latent.down_proj.weight.copy_(down)
    latent.k_up_proj.weight.copy_(up[: len(rest_rows)])
    latent.v_up_proj.weight.copy_(up[len(rest_rows) :])
    latent.v_up_proj.bias.copy_(original.v_proj.bias)
    latent.out_proj.load_state_dict(original.out_proj.state_dict())


def _left(original: Any, moments: Moments, rest_rows: Tensor) -> Tensor:
    """Block-diagonal: how much a key row's error moves the scores, and a value row's error the output."""
    heads, head_dim = moments.queries.shape[:2]
    rest = rest_rows.view(heads, -1) % head_dim
    keys = [root(queries[dims][:, dims]) for queries, dims in zip(moments.queries, rest, strict=True)]
    output = original.out_proj.weight.double()
    blocks: Tensor = torch.block_diag(*keys, root(output.T @ output))
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
