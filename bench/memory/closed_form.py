"""The budget of a Whisper from the numbers of its config alone: nothing is loaded and nothing measured."""

from __future__ import annotations

from collections.abc import Mapping

from bench.memory.budget import Budget, Decoding
from bench.mla.cache_layout import CacheLayout
from bench.mla.dimensions import Dimensions
from bench.mla.shapes import LatentShape, Module

CONVOLUTION = 3
"""Frames that each of the encoder's two convolutions sees."""


def budget_of(dimensions: Dimensions, latents: Mapping[Module, LatentShape], decoding: Decoding) -> Budget:
    """The bytes that decoding takes of a stock model, or of one whose modules keep `latents`.

    `generate` gives every beam encoder states of its own, as it does caches.
    """
    layout, load = CacheLayout.of(dimensions, latents), decoding.load
    frames, itemsize = decoding.frames, decoding.itemsize
    own = load.rows * layout.own_bytes(load.positions, itemsize, decoding.kv)
    cross = load.rows * layout.cross_bytes(frames, itemsize, decoding.kv)
    states = load.rows * frames * dimensions.d_model * itemsize
    return Budget(count_parameters(dimensions, latents) * itemsize, own, cross, states)


def count_parameters(dimensions: Dimensions, latents: Mapping[Module, LatentShape]) -> int:
    """Of the encoder and the decoder; embeddings that the output is tied to count once."""
    width, layers = dimensions.d_model, dimensions.decoder_layers
    embeddings = dimensions.vocab_size * width * (1 if dimensions.tie_word_embeddings else 2)
    own = _latent(latents["self"], width, layers) if "self" in latents else layers * _attention(width)
    cross = _latent(latents["cross"], width, layers) if "cross" in latents else layers * _attention(width)
    around = 3 * _norm(width) + _feed_forward(width, dimensions.decoder_ffn_dim)
    decoder = embeddings + dimensions.max_target_positions * width + own + cross + layers * around + _norm(width)
    return _encoder(dimensions) + decoder


def _encoder(dimensions: Dimensions) -> int:
    """Two convolutions, positions, and layers of one attention each."""
    width = dimensions.d_model
    first, second = (CONVOLUTION * channels * width + width for channels in (dimensions.num_mel_bins, width))
    layer = _attention(width) + 2 * _norm(width) + _feed_forward(width, dimensions.encoder_ffn_dim)
    positions = dimensions.max_source_positions * width
    return first + second + positions + dimensions.encoder_layers * layer + _norm(width)


def _attention(width: int) -> int:
    """Four projections; that of keys has no bias."""
    return 4 * width**2 + 3 * width


def _latent(shape: LatentShape, width: int, layers: int) -> int:
    """Of all layers: queries and output as they were, what makes the latent (once where it is shared) and what reads
    it.
    """
    total = 0
    for rank in shape.ranks(layers):
        latent = width if rank is None else rank
        down = 0 if rank is None or shape.shared else width * latent
        total += 2 * (width**2 + width) + width * shape.kept + down + latent * (2 * width - shape.kept) + width
    shared = shape.ranks(layers)[0] if shape.shared else None
    return total + (width * shared if shared else 0)


def _feed_forward(width: int, inner: int) -> int:
    return 2 * width * inner + inner + width


def _norm(width: int) -> int:
    return 2 * width
