"""Before a run: what it can detect, what it would take to detect more, and what it costs in time and disk."""

from dataclasses import dataclass
from math import ceil, isnan, nan
from typing import Any

from bench.compare import read_tables
from bench.compare.protocol import ALPHA
from bench.corpora import load_corpus
from bench.errors import BenchError
from bench.frames import records
from bench.scoring import make_normalizer
from bench.stats import (
    critical_normal,
    expected_standard_error,
    minimum_detectable_effect,
    power_to_show_margin,
    size_ratio_for,
)
from bench.store import Store
from bench.suite import CLEAN, Suite

Row = dict[str, Any]

DEFAULT_TARGET = 1.0
CHARACTERS_TOGETHER = 3
"""Characters go wrong in runs, not one by one: about this many at a time."""
BYTES_PER_DECODE = 400
"""Roughly, in Parquet, where nothing has been decoded yet."""


@dataclass(frozen=True)
class LanguagePlan:
    """One language (of one arm, where decodes are there): sizes now, and what they can show. Effects in points.

    None, and NaN, where no error count differs yet, so that nothing can be said.
    """

    language: str
    arm: str
    clips: int
    speakers: int
    standard_error: float
    detectable: float
    detectable_alone: float
    clips_for_target: int | None
    speakers_for_target: int | None
    power_for_margin: float | None


@dataclass(frozen=True)
class Plan:
    """`source` says where the standard errors are from; `seconds` is None before a first run."""

    source: str
    target: float
    margin: float | None
    languages: tuple[LanguagePlan, ...]
    decodes: int
    seconds: float | None
    megabytes: float


def make_plan(suite: Suite, store: Store, wer: float | None, target: float | None) -> Plan:
    """From stored decodes; or, given a control's WER in per cent, from the corpus's references.

    Raises BenchError where there is neither.
    """
    if target is not None and not 0 < target < float("inf"):
        raise BenchError(f"--target {target:g}: a cost in points, above 0")
    target = target or suite.statistics.margin or DEFAULT_TARGET
    if wer is None:
        source, rows = "the stored decodes", _from_decodes(suite, store)
    else:
        source = (
            f"an error rate of {wer:g} %: 40 % of the errors each arm's own, no loops, the cost alike for all speakers"
        )
        rows = _from_corpus(suite, wer)
    planned = tuple(_plan_language(suite, row, target) for row in rows)
    clips = sum({row["language"]: int(row["clips"]) for row in rows}.values())
    decodes = clips * len(suite.arms) * len(suite.conditions)
    speed = store.read_speed()
    size = store.bytes_per_decode() or BYTES_PER_DECODE
    seconds = decodes * speed["seconds"] / speed["decodes"] if speed else None
    return Plan(source, target, suite.statistics.margin, planned, decodes, seconds, decodes * size / 1e6)


def _from_decodes(suite: Suite, store: Store) -> list[Row]:
    try:
        comparisons = read_tables(suite, store).comparisons
    except BenchError as error:
        raise BenchError(f"{error}; or state a WER by --wer to plan without decodes") from None
    rows = comparisons[comparisons["primary"] & comparisons["control"].notna()]
    rows = rows[rows["condition"] == CLEAN]
    if rows.empty:
        raise BenchError(f"suite {suite.name}: no arm has a control, so there is nothing to detect")
    return records(rows)


def _from_corpus(suite: Suite, wer: float) -> list[Row]:
    """One row a language with the SE to expect, in points, of its words, or its characters where CER is primary."""
    if not 0 < wer <= 1000:
        raise BenchError(f"--wer {wer:g}: a rate in per cent, above 0")
    normalize = make_normalizer(suite.scoring.normalizer)
    rows = []
    for language, utterances in load_corpus(suite.corpus, suite.languages, suite.seed).utterances.items():
        texts = [normalize(utterance.reference, language).split() for utterance in utterances]
        by_characters = language in suite.scoring.cer_primary
        length = sum(len("".join(words)) / CHARACTERS_TOGETHER if by_characters else len(words) for words in texts)
        if not length:
            raise BenchError(f"language {language}: its references hold no word; mend the corpus")
        rows.append(
            {
                "language": language,
                "arm": "any",
                "clips": len(utterances),
                "speakers": len({utterance.speaker for utterance in utterances} - {""}),
                "standard_error": 100 * expected_standard_error(wer / 100, length),
            }
        )
    return rows


def _plan_language(suite: Suite, row: Row, target: float) -> LanguagePlan:
    corrected, alone = critical_normal(ALPHA / len(suite.languages)), critical_normal(ALPHA)
    se, margin = float(row["standard_error"]), suite.statistics.margin
    known = se > 0
    ratio = size_ratio_for(target, se, corrected) if known else 0.0
    return LanguagePlan(
        language=row["language"],
        arm=row["arm"] if row.get("seed") is None or isnan(row["seed"]) else f"{row['arm']}#{row['seed']:.0f}",
        clips=int(row["clips"]),
        speakers=int(row["speakers"]),
        standard_error=se,
        detectable=minimum_detectable_effect(se, corrected) if known else nan,
        detectable_alone=minimum_detectable_effect(se, alone) if known else nan,
        clips_for_target=ceil(ratio * row["clips"]) if known else None,
        speakers_for_target=ceil(ratio * row["speakers"]) if known else None,
        power_for_margin=power_to_show_margin(se, margin) if known and margin is not None else None,
    )
