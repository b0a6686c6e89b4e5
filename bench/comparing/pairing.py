"""The arms of a cell, utterance by utterance. Pairing happens here and nowhere else."""

import pandas as pd

from bench.errors import BenchError

PAIRED = ["utterance_id", "speaker_id", "reference", "audio_hash"]


def require_same_clips(
    one: pd.DataFrame, other: pd.DataFrame, names: tuple[str, str], way_out: str = "run `bench run` again"
) -> None:
    """Demands that two arms decoded the same audio of the same utterances with the same references in one cell.

    Raises BenchError with the first five ids that differ, and the way out.
    """
    left, right = (rows[PAIRED].set_index("utterance_id").sort_index() for rows in (one, other))
    cell = f"{one['language'].iloc[0]}/{one['condition'].iloc[0]}"
    if only := sorted(set(left.index) ^ set(right.index)):
        raise BenchError(f"{cell}: {names[0]} and {names[1]} share no decode of {first_ids(only)}; {way_out}")
    differing = left.index[(left != right).any(axis=1)]
    if len(differing):
        raise BenchError(
            f"{cell}: reference, speaker or audio of {first_ids(list(differing))} differ between {names[0]} and "
            f"{names[1]}; {way_out}"
        )


def first_ids(ids: list[str]) -> str:
    """The first five, and how many more there are."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
