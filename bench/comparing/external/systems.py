"""Systems over the same utterances, condition by condition, through the same counts and tests as a suite's decodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import comb
from statistics import mean

import pandas as pd

from bench.comparing.cells import MOSTLY
from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.costs import compare_cell
from bench.comparing.counting import count_decodes
from bench.comparing.external.options import PairOptions
from bench.comparing.external.sides import UNKNOWN_LANGUAGE, Sides
from bench.comparing.making_cells import make_cell
from bench.comparing.protocol import Protocol
from bench.comparing.signature import describe_protocol, hash_clips, join
from bench.comparing.verdicts import judge_family
from bench.errors import BenchError
from bench.languages import whisper_code
from bench.scoring import MERGING, METRICS, lacks_word_spaces, make_scorer
from bench.stats import HOLM
from bench.suite import ArmSpec, ScoringSpec, StatisticsSpec, validate_section
from bench.version import __version__

TEXTS = ("gender", "age", "accent", "detail")
MERGED = (
    "open-asr: words that only spaces tell apart from the reference's are right, so what is an error depends on both "
    "texts; rates are over the reference's own words, the same for all sides"
)


@dataclass(frozen=True)
class Compared:
    """One condition by its metric: the control measured, the others compared with it; all comparisons, which are one
    family; and what pins it.

    A system is the `arm` of its measurement. `comparisons`: those and, of all pairs, of each system with all before it.
    """

    systems: tuple[Measurement, ...]
    comparisons: tuple[Comparison, ...]
    signature: str


def compare_systems(
    names: Sequence[str], sides: Sides, code: str | None, options: PairOptions
) -> tuple[list[Compared], list[str]]:
    """Compares sides of one language and of the same utterances in the same order, condition by condition; and what
    must be said of the metric. `names` differ. `code`: Whisper's of the language, None where nobody named it.
    """
    control, language = sides[0], code or UNKNOWN_LANGUAGE
    metric, notices = _metric(options, code, control["reference"])
    protocols = _protocols(names, options, language, metric)
    compared = [
        _compare(protocols, language, str(condition), [side[chosen] for side in sides])
        for condition in dict.fromkeys(control["condition"])
        for chosen in [control["condition"] == condition]
    ]
    return compared, [*notices, *([MERGED] if options.normalizer in MERGING else [])]


def _metric(options: PairOptions, code: str | None, references: Iterable[str]) -> tuple[str, list[str]]:
    """That asked for, else what the language counts by, else what the references look like; and what to say of it."""
    if options.metric not in (None, *METRICS):
        raise BenchError(f"--metric {options.metric}: choose {' or '.join(METRICS)}")
    if options.metric is not None:
        return options.metric, []
    if code is not None and code != UNKNOWN_LANGUAGE:
        unknown = f"{code} is none of Whisper's languages: counted by words, unless --metric says otherwise"
        return ("cer" if code in ScoringSpec().cer_primary else "wer"), [] if whisper_code(code) else [unknown]
    if mean(map(lacks_word_spaces, references)) <= MOSTLY:
        return "wer", ["no language is named, so it stands as und (undetermined); name it by --language"]
    return "cer", [
        "no language is named, and the references have no spaces between words: counted by characters; name it by "
        "--language, or choose by --metric"
    ]


def _protocols(names: Sequence[str], options: PairOptions, language: str, metric: str) -> list[Protocol]:
    """The first system is the control of all others; of all pairs, so is each in turn of those that follow it.

    One seed and one number of resamples: all pairs are tested on the same ones. The family is all of them.
    """
    # A file may be called anything, which an arm of a suite may not.
    arms = tuple(ArmSpec.model_construct(name=name, model="elsewhere") for name in names)
    controls = arms[:-1] if options.all_pairs else arms[:1]
    scoring = {"normalizer": options.normalizer, "cer_primary": (language,) if metric == "cer" else ()}
    statistics = {"unit": options.unit, "resamples": options.resamples, "margin": options.margin}
    protocol = Protocol(
        arms,
        {},
        {},
        comb(len(arms), 2) if options.all_pairs else len(arms) - 1,
        options.seed,
        validate_section(ScoringSpec, scoring),
        validate_section(StatisticsSpec, statistics),
    )
    return [
        replace(protocol, arms=arms[number:], controls={arm.id: control for arm in arms[number + 1 :]})
        for number, control in enumerate(controls)
    ]


def _compare(protocols: Sequence[Protocol], language: str, condition: str, sides: Sides) -> Compared:
    """One condition by the metric asked for, a family of its own; and its signature."""
    first = protocols[0]
    scorer = make_scorer(first.scoring.normalizer)
    decodes = [as_decodes(arm.name, language, condition, rows) for arm, rows in zip(first.arms, sides, strict=True)]
    counts = [count_decodes(rows, scorer, first.scoring.cer_primary) for rows in decodes]
    cell = make_cell(first, {arm.id: rows for arm, rows in zip(first.arms, counts, strict=True)})
    weights = cell.weights(first)
    measured = [compare_cell(protocol, cell, weights) for protocol in protocols]
    family = [
        (row, contrasts[row.arm, row.metric])
        for rows, contrasts in measured
        for row in rows
        if isinstance(row, Comparison) and row.primary
    ]
    comparisons = judge_family(first, [row for row, _ in family], [contrast for _, contrast in family], HOLM)
    control, pairs = next(row for row in measured[0][0] if row.primary), len(family)
    hashes = list(map(_hash_texts, sides))
    parts = {
        "control": hashes[0],
        "converted": ",".join(hashes[1:]),
        "clips": hash_clips([decodes[0]]),
        "condition": condition,
        "language": language,
        "metric": comparisons[0].metric,
        **describe_protocol(first, (language,), comparisons),
        **({"correction": f"{first.statistics.correction}-over-{pairs}-pairs"} if pairs > 1 else {}),
        "bench": __version__,
    }
    return Compared((control, *comparisons[: len(sides) - 1]), tuple(comparisons), join(parts))


def as_decodes(arm: str, language: str, condition: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of stored decodes that counting reads."""
    constant = {
        **{"arm": arm, "seed": None, "language": language, "condition": condition, "audio_hash": ""},
        **{"nll": None, "nll_tokens": None, "speech_db": float("nan"), "background_db": float("nan")},
        "audio_status": [value or "ok" for value in rows["audio_status"]],
    }
    named = rows.rename(columns={"id": "utterance_id", "speaker": "speaker_id"})
    traits = {trait: [value or "" for value in rows[trait]] for trait in TEXTS}
    return named.assign(**constant, **traits).reset_index(drop=True)


def _hash_texts(rows: pd.DataFrame) -> str:
    pairs = rows[["id", "hypothesis"]].sort_values("id").to_csv(index=False)
    return blake2b(pairs.encode(), digest_size=4).hexdigest()
