"""From multi-head to latent attention: uniformly kept key dimensions and one joint SVD of everything else."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import WhisperForConditionalGeneration

from bench.errors import BenchError
from bench.mla.modeling_whisper_mla import WhisperLatentAttention, WhisperMLAForConditionalGeneration


@dataclass(frozen=True)
class LatentShape:
    """`kept` key dimensions over all heads together, and the `rank` of the shared latent."""

    kept: int
    rank: int

    @property
    def values_per_token(self) -> int:
        """What one layer caches for one position, where multi-head attention caches twice its width."""
        return self.kept + self.rank


def convert(model: WhisperForConditionalGeneration, shape: LatentShape) -> WhisperMLAForConditionalGeneration:
    """A copy of `model` whose decoder self-attention is latent; every other weight is the same."""
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
    for original, latent in layers:
        _convert_layer(original.self_attn, latent.self_attn)
    converted.eval()
    return converted


@torch.no_grad()
def _convert_layer(original: Any, latent: WhisperLatentAttention) -> None:
    """Reorders queries within each head (scores do not notice) and factorises the remaining rows."""
    order, kept_rows, rest_rows = _row_order(latent.heads, latent.head_dim, latent.kept_dim)
    key, value = original.k_proj.weight, original.v_proj.weight
    joint = torch.cat([key[rest_rows], value])
    up, down = truncated_svd(joint, latent.down_proj.out_features)
    latent.q_proj.weight.copy_(original.q_proj.weight[order])
    latent.q_proj.bias.copy_(original.q_proj.bias[order])
    if latent.kept_proj is not None:
        latent.kept_proj.weight.copy_(key[kept_rows])
    latent.down_proj.weight.copy_(down)
    latent.k_up_proj.weight.copy_(up[: len(rest_rows)])
    latent.v_up_proj.weight.copy_(up[len(rest_rows) :])
    latent.v_up_proj.bias.copy_(original.v_proj.bias)
    latent.out_proj.load_state_dict(original.out_proj.state_dict())


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


def truncated_svd(matrix: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """(up, down) with up @ down the best approximation of `matrix` of that rank; each side takes half the spectrum."""
    left, singular, right = torch.linalg.svd(matrix.double(), full_matrices=False)
    root = singular[:rank].sqrt()
    return (left[:, :rank] * root).to(matrix.dtype), (root[:, None] * right[:rank]).to(matrix.dtype)
