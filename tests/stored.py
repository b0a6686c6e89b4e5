"""Made-up decodes on disk and the tables that comparing them leaves there: the edges that numbers are held by.

Right words are of the letters a to m and wrong ones of n to z, so that a clip has exactly the errors it is given.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.comparing import compare_suite
from bench.decode_parts import DECODE_SCHEMA
from bench.store import Store
from bench.suite import Suite
from tests.manifests import make_arm, make_manifest, write_clips_of, write_decodes
from tests.test_counts import edit_distance

TABLES = ("comparisons", "summaries", "slices", "seeds", "training", "interactions", "thresholds", "new_languages")
WORDS = ("abc", "bcd", "cde", "def", "efg", "fgh", "ghi", "hij", "ijk", "jkl", "klm")
"""Eleven, so that nobody who says them in turn, and not twice, repeats what counts as a loop."""
WRONG = str.maketrans("abcdefghijklm", "nopqrstuvwxyz")
SPEAKERS, CLIPS = 15, 60
PRESENT = {"gender": "", "age": "", "accent": "", "sentence_id": "", "tokens": 1, "finish": "eos"}
PRESENT |= {"audio_seconds": 1.0, "audio_status": "ok", "audio_hash": "h", "detail": ""}


def make_suite(arms: Sequence[Mapping[str, Any]], languages: Sequence[str], **more: Any) -> Suite:
    """Few resamples unless asked for others."""
    whole: dict[str, Any] = {"name": "s", "languages": languages, "corpus": {"kind": "manifest", "path": "clips.tsv"}}
    statistics = {"resamples": 1000, **more.pop("statistics", {})}
    of_arms = [{"model": f"m/{number}", **arm} for number, arm in enumerate(arms)]
    return Suite.model_validate({**whole, "arms": of_arms, "statistics": statistics, **more})


def decoded(
    arm: str,
    language: str,
    errors: Sequence[int],
    condition: str = "clean",
    words: Sequence[int] | None = None,
    letters: int = 3,
    loop: bool = False,
) -> pd.DataFrame:
    """One arm's decodes of a cell: so many words wrong of each clip's, by so many letters; the rest is inserted.

    What is inserted is one word over and over if it is to `loop`. The arm is named by its id, name#seed. Every arm
    hears the same references: clip i is by speaker i modulo 15.
    """
    name, _, seed = arm.partition("#")
    rows = []
    for i, (wrong, length) in enumerate(zip(errors, words or lengths(len(errors)), strict=True)):
        reference = list(islice(cycle(WORDS), i, i + length))
        hypothesis = [word[:letters].translate(WRONG) + word[letters:] for word in reference[:wrong]]
        inserted = islice(cycle(WORDS[:1] if loop else WORDS), max(0, wrong - length))
        hypothesis += reference[wrong:] + [word.translate(WRONG) for word in inserted]
        rows.append(
            {**dict.fromkeys(DECODE_SCHEMA.names), **PRESENT, "arm": name, "seed": int(seed) if seed else None}
            | {"language": language, "condition": condition, "utterance_id": f"u{i:03}"}
            | {
                "speaker_id": f"s{i % SPEAKERS:02}",
                "reference": " ".join(reference),
                "hypothesis": " ".join(hypothesis),
            }
        )
    return pd.DataFrame(rows)


def lengths(clips: int = CLIPS) -> list[int]:
    """Words of each clip, 3 to 9."""
    return [3 + (5 * i) % 7 for i in range(clips)]


def draw(rate: float, *seed: int, clips: int = CLIPS) -> list[int]:
    """Errors of each clip, every word wrong with that chance."""
    return [int(count) for count in np.random.default_rng(seed).binomial(lengths(clips), rate)]


def stored_tables(
    suite: Suite, decodes: Iterable[pd.DataFrame], folder: Path, parameters: Mapping[str, int] | None = None
) -> dict[str, pd.DataFrame]:
    """Stores the decodes as a run would have, compares, and reads what was written: every table by its name.

    `parameters`: of the models, by arm id.
    """
    store = Store(folder / "stored")
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    everything = list(decodes)
    for rows in everything:
        first = rows.iloc[0]
        arm = first["arm"] if pd.isna(first["seed"]) else f"{first['arm']}#{int(first['seed'])}"
        part = f"{arm}-{first['language']}-{first['condition']}"
        write_decodes(store, part, rows)
        parts.setdefault(arm, {})[f"{first['language']}/{first['condition']}"] = (part,)
    sizes = parameters or {}
    arms = {arm: make_arm(store, cells, parameters=sizes.get(arm)) for arm, cells in parts.items()}
    store.write_manifest(make_manifest(suite, arms, utterances=write_clips_of(store, everything)))
    compare_suite(suite, store)
    return {name: pd.read_parquet(store.table_path(name)) for name in TABLES}


def speaker_sums(rows: pd.DataFrame, metric: str, capped: bool = False) -> np.ndarray:
    """(speakers, 2): errors and reference units of each speaker, by the textbook recurrence."""
    sums: dict[str, list[int]] = {}
    for speaker, reference, hypothesis in zip(rows["speaker_id"], rows["reference"], rows["hypothesis"], strict=True):
        units = [text.split() if metric == "wer" else list(text.replace(" ", "")) for text in (reference, hypothesis)]
        errors = edit_distance(*units)
        of_speaker = sums.setdefault(speaker, [0, 0])
        of_speaker[0] += min(errors, len(units[0])) if capped else errors
        of_speaker[1] += len(units[0])
    return np.array([sums[speaker] for speaker in sorted(sums)], dtype=float)
