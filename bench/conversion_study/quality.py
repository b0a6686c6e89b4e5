"""Divergence, transcripts changed and cost of every conversion, on clips that no conversion has seen."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean as mean
from typing import Any

import pandas as pd
from rich.console import Console

from bench.arms import find_arm, load_arm
from bench.comparing import Results, compare_suite
from bench.conversion import convert_arm, save_conversion
from bench.conversion_study.arms import StudyArm, study_arms
from bench.corpora import Corpus, Utterance, load_corpus, split_clips
from bench.runners import run_suite
from bench.store import Store
from bench.suite import ArmSpec, CorpusSpec, DecodeSpec, Suite, load_suite

FOR_CONVERSION = 20
"""Clips of each language that conversions see or are held back to measure divergence on; the others are decoded."""


def measure_quality(model: str, work: Path, console: Console) -> pd.DataFrame:
    """A row a conversion of one of the demo's originals; decodes of a run that was interrupted are found again.

    Divergence in nats a token; `changed` in per cent of the clips of all languages; WER and cost, in per cent and
    points, are means over the languages whose cost is WER, the interval over their speakers.
    """
    demo = load_suite("demo")
    corpus = load_corpus(demo.corpus, demo.languages, demo.seed)
    control = ArmSpec(name="control", model=model)
    arms = _convert_all(control, _part(corpus, slice(FOR_CONVERSION)), work / "models")
    clips = write_clips(_part(corpus, slice(FOR_CONVERSION, None)).utterances, work / "clips")
    suite = Suite(
        name="conversion",
        seed=demo.seed,
        languages=demo.languages,
        arms=(control, *(spec for _, spec, _ in arms)),
        corpus=CorpusSpec(kind="manifest", path=clips),
        decode=demo.decode,
        scoring=demo.scoring,
        statistics=demo.statistics,
    )
    store = Store(work / "decodes")
    run_suite(suite, store, [], console)
    results = compare_suite(suite, store)
    return pd.DataFrame([_row(model, arm, made, results) for arm, _, made in arms])


def _part(corpus: Corpus, part: slice) -> Corpus:
    return Corpus(corpus.identity, {language: clips[part] for language, clips in corpus.utterances.items()})


def _convert_all(control: ArmSpec, corpus: Corpus, folder: Path) -> list[tuple[StudyArm, ArmSpec, dict[str, Any]]]:
    """Each arm, how a suite names it, and what its conversion came to (nothing for the 8-bit cache)."""
    clips = split_clips(corpus)
    original = load_arm(find_arm(control), DecodeSpec(max_new_tokens=1), clips.languages)
    config = original.model.config
    found: list[tuple[StudyArm, ArmSpec, dict[str, Any]]] = []
    for arm in study_arms(config.d_model, config.decoder_attention_heads):
        if arm.request is None:
            found.append((arm, ArmSpec(name=arm.name, model=control.model, control="control", kv="int8"), {}))
            continue
        target = folder / arm.name
        if not target.is_dir():
            save_conversion(convert_arm(original, arm.request, clips, lambda _: None), arm.request, original, target)
        made = json.loads((target / "conversion.json").read_text(encoding="utf-8"))
        found.append((arm, ArmSpec(name=arm.name, model=str(target.resolve()), control="control"), made))
    return found


def write_clips(clips: Mapping[str, Sequence[Utterance]], folder: Path) -> Path:
    """As a manifest, since a suite over their corpus would decode all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = (folder / "clips.tsv").resolve()
    rows: list[Sequence[str]] = [("id", "path", "text", "speaker", "lang")]
    for language, utterances in clips.items():
        for utterance in utterances:
            name = Path(utterance.id).name if Path(utterance.id).suffix else f"{utterance.id}.ogg"
            (folder / name).write_bytes(utterance.audio_bytes())
            rows.append((utterance.id, name, utterance.reference, utterance.speaker, language))
    with manifest.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(rows)
    return manifest


def _row(model: str, arm: StudyArm, made: dict[str, Any], results: Results) -> dict[str, Any]:
    of_arm = results.of(arm.name)
    primary = of_arm.cells.primary
    by_words = [row for row in primary if row.metric == "wer"]
    cost = of_arm.summary("wer", "mean")
    assert cost is not None
    clips = sum(row.sample.clips for row in primary)
    likelihoods = [row.likelihood.delta for row in primary if row.likelihood is not None]
    shape = made["shapes"]["self"] if made else {"kept": None, "rank": None}
    return {
        "model": model,
        "init": arm.init,
        "cut": arm.cut,
        "kept": shape["kept"],
        "rank": shape["rank"],
        "divergence": made["damage"]["divergence"] if made else None,
        "clips": clips,
        "changed": sum(row.changes.changed * row.sample.clips for row in primary) / clips,
        "control_wer": mean(row.control_result.rate for row in by_words),
        "wer": mean(row.rate.value for row in by_words),
        "cost": cost.estimate.value,
        "low": cost.estimate.low,
        "high": cost.estimate.high,
        "nll_delta": mean(likelihoods),
    }
