"""Sums of bytes and how they differ, whether they were measured or are in closed form."""

from __future__ import annotations

from typing import TypeVar

Bytes = TypeVar("Bytes", int, float)


def decode_cache(own: Bytes, cross: Bytes, states: Bytes) -> Bytes:
    """All that attention reads at a step: the cache of the text so far, and what is kept of the audio.

    Where no cross-attention is cached, it attends the encoder states themselves, and they are its cache.
    """
    return own + (cross or states)


def percent_change(value: float | None, base: float | None) -> float | None:
    """The difference of `value` from `base` in per cent of it; None where either is not known or `base` is nothing."""
    return None if value is None or not base else 100 * (value / base - 1)
