"""What conversions of the real whisper-base cost on Common Voice in eleven languages, before any training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.arms import Arm, find_arm, load_arm, save_model
from bench.comparing import Comparison, Results, compare_suite
from bench.conversion.by_word import request_of
from bench.conversion.clips import encode_clips
from bench.conversion.making import Made, make_by_need, make_evenly
from bench.conversion.watching import unwatched
from bench.conversion_request import ConversionRequest
from bench.conversion_study.quality import write_clips
from bench.conversion_study.real.clips import LATIN, LOCALES, Parts, common_voice, model_folder
from bench.conversion_study.real.divergences import BOTH, LOSS, TOKENS
from bench.corpora import Utterance
from bench.mla.moments import Taught
from bench.mla.shapes import KV
from bench.runners import run_suite
from bench.store import Store
from bench.suite import ArmSpec, CorpusSpec, DecodeSpec, ScoringSpec, Suite

MODEL = "whisper-base"
HEARD, HELD_BACK = 12, 3
"""Clips of each language, of the speakers that calibrate: to convert with, and to meet a loss on."""
CUTS = ("62.5", "75", "87.5")
"""Per cent of the self-attention cache."""
Row = dict[str, Any]


def measure_costs(work: Path, console: Console) -> list[Row]:
    """A row an arm and language, and the median and mean over those whose cost is WER and whose control is usable.

    `work` keeps models and decodes.
    """
    parts = common_voice()
    arms = _make_all(parts, work)
    clips = write_clips({language: list(parts.test[language]) for language in LOCALES}, work / "clips")
    control = ArmSpec(name="base", model=model_folder(MODEL))
    suite = Suite(
        name="conversion-real",
        languages=LOCALES,
        arms=(control, *arms),
        corpus=CorpusSpec(kind="manifest", path=clips),
        decode=DecodeSpec(batch=16, max_new_tokens=224),
        scoring=ScoringSpec(sensitivity="whisper-basic"),
    )
    store = Store(work / "decodes")
    run_suite(suite, store, [], console)
    results = compare_suite(suite, store)
    return [row for arm in arms for row in _rows(arm, results)]


def _make_all(parts: Parts, work: Path) -> list[ArmSpec]:
    """Converted models as arms; those that lie in `work` are not made anew."""
    arm = load_arm(find_arm(ArmSpec(name="base", model=model_folder(MODEL))), DecodeSpec(max_new_tokens=1), LOCALES)
    taught: dict[str, list[Taught]] = {}

    def of(languages: Sequence[str], which: slice) -> list[Taught]:
        for language in languages:
            if language not in taught:
                usable: Sequence[Utterance] = parts.calibrate[language][: HEARD + HELD_BACK]
                taught[language] = list(encode_clips(arm, usable, lambda _: None))
        return [each for language in languages for each in taught[language][which]]

    specs = []
    for name, make in _conversions(arm, of, work):
        folder = (work / "models" / name).resolve()
        if not folder.is_dir():
            save_model(make().model, arm.source, folder, {})
        kv: KV | None = "int8" if name.startswith("least") else None
        specs.append(ArmSpec(name=name, model=str(folder), kv=kv, control="base"))
    return specs


def _conversions(
    arm: Arm, of: Callable[[Sequence[str], slice], list[Taught]], work: Path
) -> Iterator[tuple[str, Callable[[], Made]]]:
    """By name, what makes it."""
    heard, held_back = slice(HEARD), slice(HEARD, None)

    def by_need(request: ConversionRequest, languages: Sequence[str]) -> Made:
        return make_by_need(arm, request, of(languages, heard), of(languages, held_back), work, unwatched)

    def evenly(request: ConversionRequest) -> Made:
        return make_evenly(arm, request, of(LOCALES, heard) if request.calibrated else None)

    for cut in (*CUTS, "93.75"):
        request = request_of(f"balanced-{cut}", None)
        yield f"allocated-{cut}", partial(by_need, request, LOCALES)
        if cut == CUTS[-1]:
            yield f"allocated-{cut}-latin", partial(by_need, request, LATIN)
    for cut in CUTS:
        yield f"even-{cut}", partial(evenly, request_of(f"even-{cut}", None))
    yield "paper-62.5", partial(evenly, ConversionRequest(("self",), "paper", 0.625, None, 0))
    least = ConversionRequest(BOTH, "balanced", None, None, 0, True, True, LOSS, TOKENS, "int8")
    yield f"least-{LOSS:g}", partial(by_need, least, LOCALES)


def _rows(arm: ArmSpec, results: Results) -> Iterator[Row]:
    of_arm = results.of(arm.name)
    for row in of_arm.cells.primary:
        yield {"arm": arm.name, "language": row.language, "metric": row.metric, **_cost(row), "floor": row.floor}
    for statistic in ("median", "mean"):
        summary = of_arm.summary("wer", statistic, floors=False)
        assert summary is not None
        estimate = summary.estimate
        over = {"cost": estimate.value, "low": estimate.low, "high": estimate.high}
        yield {"arm": arm.name, "language": statistic, "metric": "wer", **over}


def _cost(row: Comparison) -> Row:
    interval = row.delta.interval
    return {
        "clips": row.sample.clips,
        "speakers": row.sample.speakers,
        "control": row.control_result.rate,
        "rate": row.rate.value,
        "cost": row.delta.value,
        "low": interval.low,
        "high": interval.high,
        "capped": row.capped.value,
        "p_holm": row.verdict.p_adjusted,
    }
