"""Two files of hypotheses, utterance by utterance, through the same counts and tests as a suite's decodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from statistics import mean

import pandas as pd

from bench.comparing.cells import MOSTLY, make_cell
from bench.comparing.comparison import Comparison
from bench.comparing.costs import compare_cell
from bench.comparing.counting import count_decodes
from bench.comparing.external.options import PairOptions
from bench.comparing.external.reading import read_side
from bench.comparing.external.sides import (
    UNKNOWN_LANGUAGE,
    one_language,
    paired,
    require_same_references,
    with_references,
    with_speakers,
)
from bench.comparing.protocol import Protocol
from bench.comparing.signature import describe_protocol, hash_clips, join
from bench.comparing.verdicts import judge_family
from bench.errors import BenchError
from bench.languages import whisper_code
from bench.scoring import METRICS, lacks_word_spaces, make_normalizer
from bench.stats import HOLM
from bench.suite import ArmSpec, ScoringSpec, StatisticsSpec, validate_section
from bench.version import __version__

CONTROL = ArmSpec(name="control", model="elsewhere")
CONVERTED = ArmSpec(name="converted", model="elsewhere", control="control")
TEXTS = ("gender", "age", "accent", "detail")


@dataclass(frozen=True)
class PairResult:
    """One comparison a condition, each with the signature that pins it, and what must be said beside them."""

    comparisons: tuple[Comparison, ...]
    signatures: tuple[str, ...]
    notices: tuple[str, ...]


def compare_files(control: Path, converted: Path, options: PairOptions) -> PairResult:
    """Compares the hypotheses of two files, condition by condition, each a family of its own.

    Raises BenchError for files that cannot be read, ids that one side lacks (the first five), references that differ.
    """
    fields = options.hypothesis_fields
    if len(fields) > 2:
        raise BenchError(f"--hypothesis-field: given {len(fields)} times; once for both sides, or twice")
    paths = (control, converted)
    sides = (read_side(control, fields[0] if fields else None), read_side(converted, fields[-1] if fields else None))
    chosen_sides, code = one_language(paths, sides, options.language)
    (left, right), dropped = paired(paths, chosen_sides, options.intersect)
    left, right = (with_references(*pair, options.reference, code) for pair in ((left, right), (right, left)))
    require_same_references(left, right)
    left = with_speakers(left, right, options.speakers, code)
    right = right.assign(**{name: left[name] for name in ("speaker", "reference")})
    compared = compare_sides(left, right, code, options)
    return replace(compared, notices=(*compared.notices, *_notices(paths, left, compared.comparisons, dropped)))


def compare_sides(left: pd.DataFrame, right: pd.DataFrame, code: str | None, options: PairOptions) -> PairResult:
    """Compares rows of one language, the control's left, of the same utterances in the same order, condition by
    condition. `code`: Whisper's of the language, None where nobody named it.
    """
    language = code or UNKNOWN_LANGUAGE
    metric, notices = _metric(options, code, left["reference"])
    protocol = _protocol(options, language, metric)
    compared = [
        _compare(protocol, language, str(condition), left[chosen], right[chosen])
        for condition in dict.fromkeys(left["condition"])
        for chosen in [left["condition"] == condition]
    ]
    comparisons, signatures = zip(*compared, strict=True)
    return PairResult(comparisons, signatures, tuple(notices))


def _notices(
    paths: tuple[Path, Path], left: pd.DataFrame, comparisons: Sequence[Comparison], dropped: int
) -> Iterator[str]:
    if any(path.suffix == ".trn" for path in paths) and comparisons[0].sample.speakers:
        count = left["speaker"].nunique()
        yield f"speakers: {count} (in a .trn, the text before the first - of an id or, without one, the first _)"
    if dropped:
        yield f"--intersect left out {dropped} ids that one side lacks"
    if unreadable := sum(comparison.sample.unreadable for comparison in comparisons):
        yield f"{unreadable} clips that were unreadable are left out of both sides"


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
        return "wer", []
    return "cer", [
        "no language is named, and the references have no spaces between words: counted by characters; name it by "
        "--language, or choose by --metric"
    ]


def _protocol(options: PairOptions, language: str, metric: str) -> Protocol:
    scoring = {"normalizer": options.normalizer, "cer_primary": (language,) if metric == "cer" else ()}
    statistics = {"unit": options.unit, "resamples": options.resamples, "margin": options.margin}
    return Protocol(
        (CONTROL, CONVERTED),
        {CONVERTED.id: CONTROL},
        {},
        1,
        options.seed,
        validate_section(ScoringSpec, scoring),
        validate_section(StatisticsSpec, statistics),
    )


def _compare(
    protocol: Protocol, language: str, condition: str, left: pd.DataFrame, right: pd.DataFrame
) -> tuple[Comparison, str]:
    """One condition by the metric asked for, a family of its own; and its signature."""
    normalize = make_normalizer(protocol.scoring.normalizer)
    decodes = {
        arm.id: _as_decodes(arm.name, language, condition, rows) for arm, rows in ((CONTROL, left), (CONVERTED, right))
    }
    counts = {arm: count_decodes(rows, normalize, protocol.scoring.cer_primary) for arm, rows in decodes.items()}
    cell = make_cell(protocol, counts)
    measurements, contrasts = compare_cell(protocol, cell, cell.weights(protocol))
    primary = [row for row in measurements if isinstance(row, Comparison) and row.primary]
    (comparison,) = judge_family(protocol, primary, [contrasts[row.arm, row.metric] for row in primary], HOLM)
    parts = {
        "control": _hash_texts(left),
        "converted": _hash_texts(right),
        "clips": hash_clips([decodes[CONTROL.id]]),
        "condition": condition,
        "language": language,
        "metric": comparison.metric,
        **describe_protocol(protocol, (language,), primary),
        "bench": __version__,
    }
    return comparison, join(parts)


def _as_decodes(arm: str, language: str, condition: str, rows: pd.DataFrame) -> pd.DataFrame:
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
