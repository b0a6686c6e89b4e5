"""Columns that several tables have."""

from __future__ import annotations

from collections.abc import Iterator

from bench.io.columns import COUNT, NUMBER, TEXT, Column


def about_arm() -> Iterator[Column]:
    """What identifies an arm: its id is name#seed where it has a training seed."""
    yield Column("arm", "arm.name", TEXT, "name of the arm")
    yield Column("seed", "arm.seed", COUNT, "its training seed; null: it has none")


def identified(name: str, path: str, doc: str) -> Iterator[Column]:
    """Another arm, by its id."""
    yield Column(name, path, TEXT, f"id of {doc}", derived=True)
    yield Column(f"{name}_name", f"{path}.name", TEXT, "its name", in_csv=False)
    yield Column(f"{name}_seed", f"{path}.seed", COUNT, "its training seed", in_csv=False)


def control() -> Iterator[Column]:
    """What an arm is held against."""
    yield from identified("control", "control", "the control; null for a control itself")


def about_cell() -> Iterator[Column]:
    """What a row is of besides its arm."""
    yield Column("language", "language", TEXT, "Whisper's code")
    yield Column("condition", "condition", TEXT, "what was done to the audio")
    yield Column("metric", "metric", TEXT, "wer or cer")


def estimate(prefix: str, path: str, doc: str) -> Iterator[Column]:
    """A delta in points with what the bootstrap says of it."""
    yield Column(f"{prefix}delta", f"{path}.value", NUMBER, f"{doc}, points")
    yield Column(f"{prefix}standard_error", f"{path}.standard_error", NUMBER, "its standard error")
    yield from ends(prefix, path)


def ends(prefix: str, path: str) -> Iterator[Column]:
    """An interval."""
    yield Column(f"{prefix}low", f"{path}.low", NUMBER, "its 95 % interval")
    yield Column(f"{prefix}high", f"{path}.high", NUMBER, "its other end")
