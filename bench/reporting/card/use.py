"""How a card's model is loaded, as code that runs; or how it is made, where a suite names no files of its own."""

from __future__ import annotations

import json
from pathlib import Path

from bench.analysis.suite_records import SuiteRecords
from bench.reporting.card.origin import Origin
from bench.reporting.card.words import CardWords
from bench.reporting.text.markdown import fenced
from bench.suite import ArmSpec
from bench.visible import visible

CODE = "It brings code of its own: read `modeling_whisper_mla.py`, and name the commit that you read as `revision`."


def use_section(records: SuiteRecords, arm: ArmSpec, origin: Origin | None, words: CardWords) -> str:
    """Empty where nothing of ours loads it."""
    if arm not in records.suite.models or records.suite.is_noise_floor(arm):
        return ""
    if origin is not None and arm.origin is not None:
        return making(origin, arm)
    if arm.kv is not None:
        return ""
    return snippet(words, origin is not None or arm.trust_remote_code)


def snippet(words: CardWords, has_code: bool) -> str:
    """Both ways of transformers; `has_code`: of its own."""
    name = json.dumps(visible(words.repo or words.title or ""), ensure_ascii=False)
    trust = ", trust_remote_code=True" if has_code else ""
    lines = [
        "from transformers import AutoModelForSpeechSeq2Seq, AutoProcessor, pipeline",
        "",
        f"name = {name}",
        f'transcribe = pipeline("automatic-speech-recognition", name{trust})',
        'print(transcribe("speech.wav")["text"])',
        "",
        "# or piece by piece",
        f"model = AutoModelForSpeechSeq2Seq.from_pretrained(name{trust})",
        "processor = AutoProcessor.from_pretrained(name)",
    ]
    code = fenced("\n".join(lines), "python")
    return f"{code}\n\n{CODE}" if has_code else code


def making(origin: Origin, arm: ArmSpec) -> str:
    """A conversion by word has no files until it is made. Clips as the suite names them, files without folders."""
    kind, _, amount = (origin.word or "").partition("-")
    clips = "" if arm.calibration is None else f" --calibration {visible(Path(arm.calibration).name)}"
    bits = f" --kv {arm.kv}" if kind == "least" and arm.kv is not None else ""
    made = f"bench convert {visible(origin.base or 'MODEL')} made {_options(kind, amount)}{clips}{bits}"
    block = fenced(f"{made}\nbench export made published", "bash")
    return f"These figures are of a conversion that has no files of its own yet:\n\n{block}"


def _options(kind: str, amount: str) -> str:
    """What makes the same by `bench convert`."""
    if kind == "exact":
        return "--modules decoder-self,cross --init exact"
    if kind == "shared":
        return f"--modules cross --share-cross --rank {amount}"
    if kind == "least":
        return f"--modules decoder-self,cross --share-cross --max-divergence {amount}"
    init = "balanced --even" if kind == "even" else kind
    return f"--init {init} --cache-cut {float(amount) / 100:g}"
