"""What a reader must know before trusting an interval: read off the comparisons, one line each."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from bench.compare.protocol import SPEAKER, UTTERANCE
from bench.compare.rates import SPEECH_MARGIN

FEW_SPEAKERS = 30
TORN = 1.5
"""Words that a normaliser makes of one, beyond which a WER counts fragments."""


def list_cautions_of(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The same for rows that come one by one."""
    return list_cautions(pd.DataFrame(list(rows)))


def list_cautions(comparisons: pd.DataFrame) -> list[str]:
    """What is resampled where it is not speakers; two environments; few speakers; unsure levels; torn words."""
    compared = comparisons[comparisons["control"].notna()]
    cells = compared.drop_duplicates(["language", "condition"])
    lines = []
    for note in dict.fromkeys(note for note in cells["unit_note"] if note):
        names = _names(cells[cells["unit_note"] == note])
        lines.append(
            f"{names}: {note}, so clips are resampled, not speakers; these intervals ignore that clips of one speaker "
            "are alike"
        )
    for cluster in dict.fromkeys(cells["unit"]):
        if cluster not in (SPEAKER, UTTERANCE):
            lines.append(
                f"{_names(cells[cells['unit'] == cluster])}: the corpus names no speakers; clips of one {cluster} are "
                f"resampled together instead, and counted as speakers here. One person may stand behind several"
            )
    if "environments" in compared:
        for (arm, note), rows in compared[compared["environments"] != ""].groupby(["arm", "environments"], sort=False):
            lines.append(
                f"{arm} and {rows['control'].iloc[0]} were decoded in different environments ({note}), "
                "and what that alone does is part of these costs; a control decoded in both says how much it is"
            )
    few = cells[(cells["unit"] != UTTERANCE) & (cells["speakers"] < FEW_SPEAKERS)]
    if len(few):
        lines.append(
            f"{_names(few)}: fewer than {FEW_SPEAKERS} speakers (the fewest: {few['speakers'].min()}); these intervals "
            "are rough and say little of other speakers"
        )
    masked = cells[cells["masked"] > 0].groupby("language", sort=False)[["masked", "clips"]].max()
    if len(masked):
        of = ", ".join(f"{language} {row['masked']} of {row['clips']}" for language, row in masked.iterrows())
        lines.append(
            f"clips with a background of their own within {SPEECH_MARGIN} dB of their speech, or without a pause: "
            f"{of}; their level, and every SNR of theirs, is uncertain"
        )
    for column, which in (("word_growth", "normaliser"), ("sensitivity_word_growth", "second normaliser")):
        if column not in cells:
            continue
        torn = cells[cells[column] > TORN]
        for language, growth in dict(zip(torn["language"], torn[column], strict=True)).items():
            lines.append(f"{language}: the {which} makes {growth:.1f} words of one, so its WER counts fragments")
    return lines


def _names(cells: pd.DataFrame) -> str:
    return " ".join(dict.fromkeys(cells["language"]))
